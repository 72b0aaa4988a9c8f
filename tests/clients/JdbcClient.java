// JDBC through one URL: prints what it sees. usage: java -cp DRIVER JdbcClient.java URL
import java.sql.*;

public class JdbcClient {
  static final String SQL = "SELECT a, b FROM clients WHERE a < ? ORDER BY a";

  static String rows(ResultSet found) throws SQLException {
    StringBuilder text = new StringBuilder();
    while (found.next()) text.append(found.getInt(1)).append('=').append(found.getString(2)).append(' ');
    return text.toString();
  }

  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection(arguments[0])) {
      Statement plain = connection.createStatement();
      for (int i = 0; i < 8; ++i)
        System.out.println("statement " + rows(plain.executeQuery("SELECT a, b FROM clients WHERE a < 3 ORDER BY a")));
      PreparedStatement prepared = connection.prepareStatement(SQL);
      for (int i = 1; i < 10; ++i) {  // prepared on the server from the fifth on
        prepared.setInt(1, i);
        System.out.println("prepared " + rows(prepared.executeQuery()));
      }
      connection.setAutoCommit(false);
      prepared.setFetchSize(10);
      prepared.setInt(1, 100);
      System.out.println("fetched in parts " + rows(prepared.executeQuery()).length());
      connection.commit();
      connection.setAutoCommit(true);
      try {
        plain.executeQuery("SELECT nope FROM clients");
      } catch (SQLException error) {
        System.out.println(error.getSQLState() + " " + error.getMessage());
      }
      PreparedStatement batch = connection.prepareStatement("INSERT INTO clients_written VALUES (?)");
      for (int i = 0; i < 50; ++i) {
        batch.setInt(1, i);
        batch.addBatch();
      }
      System.out.println("batch " + batch.executeBatch().length);
      plain.setQueryTimeout(1);
      try {
        plain.executeQuery("SELECT pg_sleep(10)");
      } catch (SQLException error) {
        System.out.println("cancelled " + error.getSQLState());
      }
      ResultSet after = plain.executeQuery("SELECT 1, 'after the cancel'");
      System.out.println(rows(after));
    }
  }
}
