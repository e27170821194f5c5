#include "daemon/reader/fax_samples.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pdf2md::reader {
namespace {

constexpr size_t kBufferBytes = 16384;
constexpr int kLongestCode = 13;
constexpr int kTerminating = 64;  // runs of their own; longer ones begin with multiples of 64
constexpr int kCodes = 104;

// Tables 2, 3a and 3b of T.4: runs 0 to 63, 64 to 1728, 1792 to 2560.
constexpr std::array<std::string_view, kCodes> kWhite = {
    "00110101",     "000111",       "0111",         "1000",         "1011",         "1100",
    "1110",         "1111",         "10011",        "10100",        "00111",        "01000",
    "001000",       "000011",       "110100",       "110101",       "101010",       "101011",
    "0100111",      "0001100",      "0001000",      "0010111",      "0000011",      "0000100",
    "0101000",      "0101011",      "0010011",      "0100100",      "0011000",      "00000010",
    "00000011",     "00011010",     "00011011",     "00010010",     "00010011",     "00010100",
    "00010101",     "00010110",     "00010111",     "00101000",     "00101001",     "00101010",
    "00101011",     "00101100",     "00101101",     "00000100",     "00000101",     "00001010",
    "00001011",     "01010010",     "01010011",     "01010100",     "01010101",     "00100100",
    "00100101",     "01011000",     "01011001",     "01011010",     "01011011",     "01001010",
    "01001011",     "00110010",     "00110011",     "00110100",     "11011",        "10010",
    "010111",       "0110111",      "00110110",     "00110111",     "01100100",     "01100101",
    "01101000",     "01100111",     "011001100",    "011001101",    "011010010",    "011010011",
    "011010100",    "011010101",    "011010110",    "011010111",    "011011000",    "011011001",
    "011011010",    "011011011",    "010011000",    "010011001",    "010011010",    "011000",
    "010011011",    "00000001000",  "00000001100",  "00000001101",  "000000010010", "000000010011",
    "000000010100", "000000010101", "000000010110", "000000010111", "000000011100", "000000011101",
    "000000011110", "000000011111"};
constexpr std::array<std::string_view, kCodes> kBlack = {"0000110111",
                                                         "010",
                                                         "11",
                                                         "10",
                                                         "011",
                                                         "0011",
                                                         "0010",
                                                         "00011",
                                                         "000101",
                                                         "000100",
                                                         "0000100",
                                                         "0000101",
                                                         "0000111",
                                                         "00000100",
                                                         "00000111",
                                                         "000011000",
                                                         "0000010111",
                                                         "0000011000",
                                                         "0000001000",
                                                         "00001100111",
                                                         "00001101000",
                                                         "00001101100",
                                                         "00000110111",
                                                         "00000101000",
                                                         "00000010111",
                                                         "00000011000",
                                                         "000011001010",
                                                         "000011001011",
                                                         "000011001100",
                                                         "000011001101",
                                                         "000001101000",
                                                         "000001101001",
                                                         "000001101010",
                                                         "000001101011",
                                                         "000011010010",
                                                         "000011010011",
                                                         "000011010100",
                                                         "000011010101",
                                                         "000011010110",
                                                         "000011010111",
                                                         "000001101100",
                                                         "000001101101",
                                                         "000011011010",
                                                         "000011011011",
                                                         "000001010100",
                                                         "000001010101",
                                                         "000001010110",
                                                         "000001010111",
                                                         "000001100100",
                                                         "000001100101",
                                                         "000001010010",
                                                         "000001010011",
                                                         "000000100100",
                                                         "000000110111",
                                                         "000000111000",
                                                         "000000100111",
                                                         "000000101000",
                                                         "000001011000",
                                                         "000001011001",
                                                         "000000101011",
                                                         "000000101100",
                                                         "000001011010",
                                                         "000001100110",
                                                         "000001100111",
                                                         "0000001111",
                                                         "000011001000",
                                                         "000011001001",
                                                         "000001011011",
                                                         "000000110011",
                                                         "000000110100",
                                                         "000000110101",
                                                         "0000001101100",
                                                         "0000001101101",
                                                         "0000001001010",
                                                         "0000001001011",
                                                         "0000001001100",
                                                         "0000001001101",
                                                         "0000001110010",
                                                         "0000001110011",
                                                         "0000001110100",
                                                         "0000001110101",
                                                         "0000001110110",
                                                         "0000001110111",
                                                         "0000001010010",
                                                         "0000001010011",
                                                         "0000001010100",
                                                         "0000001010101",
                                                         "0000001011010",
                                                         "0000001011011",
                                                         "0000001100100",
                                                         "0000001100101",
                                                         "00000001000",
                                                         "00000001100",
                                                         "00000001101",
                                                         "000000010010",
                                                         "000000010011",
                                                         "000000010100",
                                                         "000000010101",
                                                         "000000010110",
                                                         "000000010111",
                                                         "000000011100",
                                                         "000000011101",
                                                         "000000011110",
                                                         "000000011111"};

int run_of(int code) {
  return code < kTerminating ? code : (code - kTerminating + 1) * 64;
}

struct Run {
  int16_t length = -1;  // none: no such code
  int8_t bits = 0;
};

using RunTable = std::array<Run, 1 << kLongestCode>;

RunTable table_of(const std::array<std::string_view, kCodes>& codes) {
  RunTable table;
  for (int code = 0; code < kCodes; ++code) {
    int bits = static_cast<int>(codes[code].size());
    unsigned value = 0;
    for (char bit : codes[code]) value = value << 1 | (bit == '1');
    const int free = kLongestCode - bits;
    for (unsigned i = 0; i < 1u << free; ++i)
      table[value << free | i] = Run{static_cast<int16_t>(run_of(code)), static_cast<int8_t>(bits)};
  }
  return table;
}

enum Mode : int8_t { kPass = 10, kHorizontal = 11, kNoMode = 12 };

struct ModeCode {
  int8_t mode = kNoMode;  // or how far right of the change above this one lies
  int8_t bits = 0;
};

// Table 1 of T.6, by the next seven bits.
ModeCode mode_of(uint32_t seven) {
  if (seven >= 0b1000000) return {0, 1};
  if (seven >= 0b0110000) return {1, 3};
  if (seven >= 0b0100000) return {-1, 3};
  if (seven >= 0b0010000) return {kHorizontal, 3};
  if (seven >= 0b0001000) return {kPass, 4};
  if (seven >= 0b0000110) return {2, 6};
  if (seven >= 0b0000100) return {-2, 6};
  if (seven == 0b0000011) return {3, 7};
  if (seven == 0b0000010) return {-3, 7};
  return {};
}

std::array<ModeCode, 128> all_modes() {
  std::array<ModeCode, 128> modes;
  for (uint32_t seven = 0; seven < 128; ++seven) modes[seven] = mode_of(seven);
  return modes;
}

// Inverts the bits from, up to but without to.
void invert(uint8_t* row, int from, int to) {
  int first = from >> 3, last = to >> 3;
  int head = 0xFF >> (from & 7), tail = 0xFF & ~(0xFF >> (to & 7));
  if (first == last) {
    row[first] = static_cast<uint8_t>(row[first] ^ (head & tail));
    return;
  }
  row[first] = static_cast<uint8_t>(row[first] ^ head);
  for (int i = first + 1; i < last; ++i) row[i] = static_cast<uint8_t>(~row[i]);
  if (tail != 0) row[last] = static_cast<uint8_t>(row[last] ^ tail);
}

}  // namespace

std::string_view fax_run_code(bool black, int run) {
  int code = run < kTerminating ? run : kTerminating + run / 64 - 1;
  return (black ? kBlack : kWhite)[code];
}

FaxSamples::FaxSamples(ByteSource source, int columns, int black)
    : source_(std::move(source)), columns_(columns), black_(black), buffer_(kBufferBytes) {
  above_.assign(4, columns);
  changes_.reserve(static_cast<size_t>(columns) + 8);
  above_.reserve(changes_.capacity());
}

// At most kLongestCode bits.
uint32_t FaxSamples::peek(int bits) {
  while (held_bits_ < bits) {
    if (at_ == filled_) {
      filled_ = source_(buffer_.data(), buffer_.size());
      at_ = 0;
    }
    uint64_t byte = 0;
    if (at_ < filled_)
      byte = buffer_[at_++];
    else
      padding_bits_ += 8;
    held_ |= byte << (56 - held_bits_);
    held_bits_ += 8;
  }
  return static_cast<uint32_t>(held_ >> (64 - bits));
}

void FaxSamples::skip(int bits) {
  held_ <<= bits;
  held_bits_ -= bits;
}

// -1: no such code.
int FaxSamples::run(bool black) {
  static const RunTable kWhiteTable = table_of(kWhite), kBlackTable = table_of(kBlack);
  const RunTable& table = black ? kBlackTable : kWhiteTable;
  int length = 0;
  for (;;) {
    const Run& part = table[peek(kLongestCode)];
    if (part.length < 0) return -1;
    skip(part.bits);
    length += part.length;
    if (part.length < kTerminating) return length;
    if (length > columns_) return -1;
  }
}

// T.6, 2.2: a0 is where decoding stands, b1 the next change above it to the other colour.
bool FaxSamples::decode_row() {
  static const std::array<ModeCode, 128> kModes = all_modes();
  changes_.clear();
  int a0 = 0;
  bool begun = false;  // before the row's first pixel, a change above that pixel counts as well
  bool black = false;
  size_t b = 0;  // index of b1 above: even where white is followed by black
  while (a0 < columns_) {
    while (above_[b] < columns_ && (begun ? above_[b] <= a0 : above_[b] < 0)) b += 2;
    ModeCode code = kModes[peek(7)];
    if (code.mode == kNoMode) return false;
    skip(code.bits);
    if (code.mode == kPass) {
      a0 = above_[b + 1];
    } else if (code.mode == kHorizontal) {
      int first = run(black), second = first < 0 ? -1 : run(!black);
      if (second < 0 || a0 + first + second > columns_) return false;
      changes_.push_back(a0 + first);
      a0 += first + second;
      changes_.push_back(a0);
    } else {
      int a1 = above_[b] + code.mode;
      if (a1 < a0 || a1 > columns_) return false;
      changes_.push_back(a1);
      a0 = a1;
      black = !black;
      // The next b1 is of the other colour: the change behind this one, or before it.
      b = b > 0 ? b - 1 : b + 1;
    }
    begun = true;
    if (changes_.size() > static_cast<size_t>(columns_) + 2) return false;
  }
  changes_.insert(changes_.end(), 4, columns_);
  return held_bits_ >= padding_bits_;
}

bool FaxSamples::read(uint8_t* row) {
  if (!decode_row()) return false;
  const size_t bytes = (static_cast<size_t>(columns_) + 7) / 8;
  std::memset(row, black_ == 1 ? 0 : 0xFF, bytes);
  for (size_t i = 0; i + 1 < changes_.size() && changes_[i] < columns_; i += 2)
    invert(row, changes_[i], changes_[i + 1]);
  std::swap(above_, changes_);
  return true;
}

}  // namespace pdf2md::reader
