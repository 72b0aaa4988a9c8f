#include "learning/explore/latency_matrix.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hintd::learning {
namespace {

Result<LatencyMatrix> parse(const std::string& text) {
  std::istringstream in(text);
  return parse_latency_matrix(in, "m.csv");
}

std::string error_of(const std::string& text) {
  const auto matrix = parse(text);
  return matrix ? "no error" : matrix.error().message;
}

TEST(LatencyMatrixTest, ReadsNamesArmsAndSeconds) {
  const auto matrix = parse("filename,0,1\r\n1a,2.5,0.5\r\n1b,1e-3,4\r\n");
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->names, (std::vector<std::string>{"1a", "1b"}));
  EXPECT_EQ(matrix->arms, 2U);
  EXPECT_DOUBLE_EQ(matrix->default_total(), 2.501);
  EXPECT_DOUBLE_EQ(matrix->oracle_total(), 0.501);
}

TEST(LatencyMatrixTest, SaysWhereARowIsRagged) {
  EXPECT_EQ(error_of("filename,0,1\n1a,1,2\n1b,1\n"),
            "m.csv, line 3: 2 cells where the header has 3");
}

TEST(LatencyMatrixTest, SaysWhichCellIsNoNumber) {
  EXPECT_EQ(error_of("filename,0,1\n1a,1,fast\n"),
            "m.csv, line 2, column 3: 'fast' is not a number");
  EXPECT_EQ(error_of("filename,0,1\n1a,nan,1\n"), "m.csv, line 2, column 2: 'nan' is not a number");
  EXPECT_EQ(error_of("filename,0,1\n1a,1.5s,1\n"),
            "m.csv, line 2, column 2: '1.5s' is not a number");
}

TEST(LatencyMatrixTest, RefusesLatenciesThatAreMissingZeroOrNegative) {
  EXPECT_EQ(error_of("filename,0,1\n1a,,1\n"), "m.csv, line 2, column 2: the cell is empty");
  EXPECT_EQ(error_of("filename,0,1\n1a,0,1\n"), "m.csv, line 2, column 2: the latency is 0");
  EXPECT_EQ(error_of("filename,0,1\n1a,1,-2\n"), "m.csv, line 2, column 3: the latency is -2");
}

TEST(LatencyMatrixTest, RefusesAFileWithoutTheDefaultsColumn) {
  EXPECT_EQ(error_of("filename,1,2\n1a,1,2\n"),
            "m.csv, line 1, column 2: the second column is not the default's, 0");
  EXPECT_EQ(error_of("filename,0,2\n1a,1,2\n"),
            "m.csv, line 1, column 3: expected arm 1, found '2'");
}

TEST(LatencyMatrixTest, RefusesAnEmptyFileAndOneWithoutQueries) {
  EXPECT_EQ(error_of(""), "m.csv is empty");
  EXPECT_EQ(error_of("filename,0,1\n"), "m.csv, line 1: no queries follow the header");
}

TEST(LatencyMatrixTest, RefusesANameUsedTwice) {
  EXPECT_EQ(error_of("filename,0\n1a,1\n1a,2\n"),
            "m.csv, line 3, column 1: query '1a' is there twice");
}

TEST(LatencyMatrixTest, NamesAFileThatIsNotThere) {
  const auto matrix = read_latency_matrix("/nonexistent/m.csv");
  ASSERT_FALSE(matrix);
  EXPECT_EQ(matrix.error().kind, ErrorKind::kNotFound);
}

TEST(LatencyMatrixTest, ArmsWithEqualCellsAreOnePlanGroupAndTheDefaultsIsFirst) {
  const auto problem = problem_of(*parse("filename,0,1,2,3\n1a,2,1,2,1\n"));
  ASSERT_EQ(problem.queries[0].groups.size(), 2U);
  EXPECT_EQ(problem.queries[0].groups[kDefaultGroup].arms, (std::vector<ArmId>{0, 2}));
  EXPECT_EQ(problem.queries[0].groups[1].arms, (std::vector<ArmId>{1, 3}));
  EXPECT_DOUBLE_EQ(problem.queries[0].default_s, 2);
}

TEST(LatencyMatrixTest, ABootstrapDrawsAsManyRowsUnderNamesOfTheirOwn) {
  const auto matrix = *parse("filename,0\n1a,1\n1b,2\n1c,3\n");
  Rng rng(1);
  const auto drawn = bootstrap_rows(matrix, rng);
  ASSERT_EQ(drawn.names.size(), 3U);
  EXPECT_NE(drawn.names[0], drawn.names[1]);
  for (const auto& row : drawn.seconds) EXPECT_TRUE(row[0] == 1 || row[0] == 2 || row[0] == 3);
}

}  // namespace
}  // namespace hintd::learning
