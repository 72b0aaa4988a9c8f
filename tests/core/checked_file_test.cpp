#include "core/checked_file.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "scratch_folder.h"

namespace hintd {
namespace {

constexpr FileFormat kNotes{"notes", 3, "holds no usable notes", "move it away"};

class CheckedFileTest : public testing::Test {
 protected:
  std::string refused(const FileFormat& format = kNotes) const {
    const auto content = read_checked_file(file_, format);
    EXPECT_FALSE(content);
    if (content) return "";
    EXPECT_EQ(content.error().kind, ErrorKind::kCorrupt);
    return content.error().text();
  }

  test::ScratchFolder scratch_;
  std::filesystem::path file_ = scratch_.path() / "file";
};

TEST_F(CheckedFileTest, TheContentComesBack) {
  for (const auto& content : {std::string(), std::string("one\ntwo\0", 8)}) {
    ASSERT_TRUE(replace_checked_file(file_, kNotes, content));
    const auto read = read_checked_file(file_, kNotes);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, content);
  }
}

TEST_F(CheckedFileTest, AnythingElseIsRefusedWithItsNameAndRemedy) {
  ASSERT_TRUE(replace_checked_file(file_, kNotes, "one"));
  auto letters = kNotes;
  letters.kind = "letters";
  EXPECT_EQ(refused(letters),
            file_.string() + " holds no usable notes: another kind of file; move it away");
  for (const int version : {2, 4, 30}) {
    auto other = kNotes;
    other.version = version;
    EXPECT_NE(refused(other).find("another version"), std::string::npos) << version;
  }
}

TEST_F(CheckedFileTest, EveryByteCounts) {
  ASSERT_TRUE(replace_checked_file(file_, kNotes, "one two"));
  const auto whole = *read_file(file_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] ^= 1;
    ASSERT_TRUE(replace_file(file_, changed));
    EXPECT_NE(refused(), "") << i;
    ASSERT_TRUE(replace_file(file_, std::string_view(whole).substr(0, i)));
    EXPECT_NE(refused(), "") << i;
  }
}

TEST_F(CheckedFileTest, AMissingFileIsSaidToBeMissing) {
  EXPECT_EQ(read_checked_file(file_, kNotes).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace hintd
