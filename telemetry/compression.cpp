#include "telemetry/compression.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace hintd::telemetry {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

struct Files {
  File from;
  File to;
  std::string from_name;
  std::string to_name;
  std::vector<char> in = std::vector<char>(ZSTD_CStreamInSize());
  std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());

  static Result<Files> open(const std::filesystem::path& from, const std::filesystem::path& to) {
    Files files{File(std::fopen(from.c_str(), "rbe")), File(std::fopen(to.c_str(), "wbe")), from,
                to};
    if (!files.from)
      return fail(ErrorKind::kNotFound, "cannot read " + from.string(), "check the path");
    if (!files.to)
      return fail(ErrorKind::kUnavailable, "cannot write " + to.string(),
                  "check that its folder exists and is writable");
    return files;
  }

  std::size_t read() { return std::fread(in.data(), 1, in.size(), from.get()); }

  Status write(std::size_t bytes) {
    if (std::fwrite(out.data(), 1, bytes, to.get()) == bytes) return {};
    return not_written();
  }

  Status finish() {
    if (std::ferror(from.get()) != 0)
      return fail(ErrorKind::kUnavailable, "cannot read " + from_name, "check the disk");
    if (std::fflush(to.get()) == 0 && fsync(fileno(to.get())) == 0) return {};
    return not_written();
  }

  Status not_written() const {
    return fail(ErrorKind::kExhausted, "cannot write " + to_name, "free space on that disk");
  }
};

}  // namespace

Status compress_file(const std::filesystem::path& from, const std::filesystem::path& to,
                     int level) {
  HINTD_TRY(auto files, Files::open(from, to));
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  for (bool last = false; !last;) {
    const auto read = files.read();
    last = read < files.in.size();
    ZSTD_inBuffer in{files.in.data(), read, 0};
    for (bool done = false; !done;) {
      ZSTD_outBuffer out{files.out.data(), files.out.size(), 0};
      const auto left =
          ZSTD_compressStream2(context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0)
        return fail(ErrorKind::kInternal, std::string("zstd: ") + ZSTD_getErrorName(left));
      HINTD_TRY_STATUS(files.write(out.pos));
      done = last ? left == 0 : in.pos == in.size;
    }
  }
  return files.finish();
}

Status decompress_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  HINTD_TRY(auto files, Files::open(from, to));
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  std::size_t left = 1;  // 0: the frame is whole
  while (const auto read = files.read()) {
    ZSTD_inBuffer in{files.in.data(), read, 0};
    while (in.pos < in.size) {
      ZSTD_outBuffer out{files.out.data(), files.out.size(), 0};
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left) != 0) break;
      HINTD_TRY_STATUS(files.write(out.pos));
    }
    if (ZSTD_isError(left) != 0) break;
  }
  // What the input no longer holds back may still be due.
  while (left != 0 && ZSTD_isError(left) == 0) {
    ZSTD_inBuffer none{nullptr, 0, 0};
    ZSTD_outBuffer out{files.out.data(), files.out.size(), 0};
    left = ZSTD_decompressStream(context.get(), &out, &none);
    if (out.pos == 0) break;
    HINTD_TRY_STATUS(files.write(out.pos));
  }
  if (left != 0)
    return fail(ErrorKind::kCorrupt, from.string() + " is damaged", "use another backup");
  return files.finish();
}

}  // namespace hintd::telemetry
