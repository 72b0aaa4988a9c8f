// What is to be written to one side: ranges of the buffer that was read, mostly one, and bytes of
// our own between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hintd::proxy {

class Pieces {
 public:
  // The bytes must stay where they are until the pieces were written. Ranges that adjoin become
  // one.
  void refer(std::string_view bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (!pieces_.empty() && pieces_.back().data != nullptr &&
        pieces_.back().data + pieces_.back().size == bytes.data()) {
      pieces_.back().size += bytes.size();
    } else {
      pieces_.push_back({bytes.data(), 0, bytes.size()});
    }
  }

  void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    pieces_.push_back({nullptr, own_.size(), bytes.size()});
    own_ += bytes;
  }

  std::size_t count() const { return pieces_.size(); }
  std::string_view operator[](std::size_t index) const {
    const auto& piece = pieces_[index];
    return {piece.data != nullptr ? piece.data : own_.data() + piece.offset, piece.size};
  }
  bool empty() const { return pieces_.empty(); }
  std::size_t size() const { return size_; }  // bytes

  std::string text() const {
    std::string all;
    for (std::size_t i = 0; i < count(); ++i) all += (*this)[i];
    return all;
  }

  void clear() {
    pieces_.clear();
    own_.clear();
    size_ = 0;
  }

 private:
  struct Piece {
    const char* data;    // null: of own_
    std::size_t offset;  // in own_
    std::size_t size;
  };
  std::vector<Piece> pieces_;
  std::string own_;
  std::size_t size_ = 0;
};

// What dealing with some bytes gave.
struct Outbox {
  Pieces to_client;
  Pieces to_server;

  void clear() {
    to_client.clear();
    to_server.clear();
  }
};

}  // namespace hintd::proxy
