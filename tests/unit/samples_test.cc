// The decoders of samples: what was encoded comes out again, and nothing else does harm.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "daemon/reader/fax_samples.h"
#include "daemon/reader/flate_samples.h"

using namespace pdf2md::reader;

namespace {

// A few bytes at a time, so that codes fall across the ends of what is read.
ByteSource source_of(std::string bytes, size_t piece = 7) {
  return [bytes = std::move(bytes), piece, at = size_t{0}](uint8_t* out, size_t most) mutable {
    size_t count = std::min({most, piece, bytes.size() - at});
    std::memcpy(out, bytes.data() + at, count);
    at += count;
    return count;
  };
}

using Rows = std::vector<std::vector<bool>>;  // true: black

// ITU-T T.6, 2.2.
class FaxEncoder {
 public:
  std::string encode(const Rows& rows) {
    std::vector<bool> above(rows[0].size(), false);
    for (const std::vector<bool>& row : rows) {
      encode_row(above, row);
      above = row;
    }
    put("000000000001000000000001");
    while (bits_.size() % 8 != 0) bits_.push_back(false);
    std::string out(bits_.size() / 8, '\0');
    for (size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i]) out[i / 8] = static_cast<char>(out[i / 8] | 0x80 >> i % 8);
    }
    return out;
  }

 private:
  void put(std::string_view code) {
    for (char bit : code) bits_.push_back(bit == '1');
  }
  void put_run(bool black, int length) {
    for (; length >= 2560 + 64; length -= 2560) put(fax_run_code(black, 2560));
    if (length >= 64) put(fax_run_code(black, length / 64 * 64));
    put(fax_run_code(black, length % 64));
  }
  // The first change behind `from` (-1: before the row), to `colour`.
  static int change(const std::vector<bool>& row, int from, bool colour) {
    int columns = static_cast<int>(row.size());
    for (int i = from + 1; i < columns; ++i) {
      bool before = i > 0 && row[i - 1];
      if (row[i] == colour && before != colour) return i;
    }
    return columns;
  }
  static int end_of_run(const std::vector<bool>& row, int from) {
    int i = from;
    while (i < static_cast<int>(row.size()) && row[i] == row[from]) ++i;
    return i;
  }
  void encode_row(const std::vector<bool>& above, const std::vector<bool>& row) {
    const int columns = static_cast<int>(row.size());
    int a0 = -1;
    bool black = false;
    while (a0 < columns) {
      int start = std::max(a0, 0);
      int a1 = start < columns && row[start] != black ? start : end_of_run(row, start);
      int b1 = change(above, a0, !black);
      int b2 = b1 < columns ? end_of_run(above, b1) : columns;
      if (b2 < a1) {
        put("0001");
        a0 = b2;
      } else if (std::abs(a1 - b1) <= 3) {
        constexpr const char* kVertical[] = {"0000010", "000010", "010",    "1",
                                             "011",     "000011", "0000011"};
        put(kVertical[a1 - b1 + 3]);
        a0 = a1;
        black = !black;
      } else {
        int a2 = a1 < columns ? end_of_run(row, a1) : columns;
        put("001");
        put_run(black, a1 - start);
        put_run(!black, a2 - a1);
        a0 = a2;
      }
      if (a0 == columns) break;
    }
  }
  std::vector<bool> bits_;
};

// Runs of all lengths, some rows like the one above, some of one colour.
Rows drawn(int columns, int height, unsigned seed) {
  std::mt19937 random(seed);
  Rows rows;
  for (int y = 0; y < height; ++y) {
    std::vector<bool> row(columns, false);
    if (y > 0 && random() % 3 != 0) {
      row = rows.back();
      for (unsigned i = random() % 8; i > 0; --i) row[random() % columns] = random() % 2;
    } else {
      bool black = random() % 2;
      for (int x = 0; x < columns; black = !black) {
        int length = 1 + static_cast<int>(random() % (random() % 4 == 0 ? 4000 : 12));
        for (; length > 0 && x < columns; --length) row[x++] = black;
      }
    }
    rows.push_back(row);
  }
  return rows;
}

bool same(const uint8_t* packed, const std::vector<bool>& row, bool black) {
  for (size_t i = 0; i < row.size(); ++i) {
    bool bit = (packed[i / 8] >> (7 - i % 8) & 1) != 0;
    if ((bit == black) != row[i]) return false;
  }
  return true;
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK);
  out.resize(size);
  return out;
}

}  // namespace

TEST_CASE("Group 4: rows come out as they were encoded") {
  for (int columns : {1, 2, 7, 8, 9, 63, 64, 65, 1000, 2560, 9000}) {
    for (unsigned seed = 1; seed <= 6; ++seed) {
      for (int black : {0, 1}) {
        CAPTURE(columns, seed, black);
        Rows rows = drawn(columns, 40, seed);
        FaxSamples samples(source_of(FaxEncoder().encode(rows)), columns, black);
        std::vector<uint8_t> packed((columns + 7) / 8 + 1, 0x5A);
        for (const std::vector<bool>& row : rows) {
          REQUIRE(samples.read(packed.data()));
          REQUIRE(same(packed.data(), row, black == 1));
        }
        CHECK(packed.back() == 0x5A);
        CHECK_FALSE(samples.read(packed.data()));  // the end-of-block code is no row
      }
    }
  }
}

TEST_CASE("Group 4: what is damaged ends") {
  Rows rows = drawn(1728, 60, 3);
  std::string good = FaxEncoder().encode(rows);
  std::mt19937 random(11);
  std::vector<uint8_t> packed(216);
  for (int round = 0; round < 400; ++round) {
    std::string bad = good;
    for (int i = 0; i < 4; ++i) bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 4 == 0) bad.resize(random() % bad.size());
    FaxSamples samples(source_of(std::move(bad), 1000), 1728, 0);
    int count = 0;
    while (samples.read(packed.data()) && count < 100000) ++count;
    CHECK(count < 100000);
  }
}

TEST_CASE("Flate: rows with and without predictors") {
  // Three rows of four pixels of two bytes.
  std::string rows = "abcdefghABCDEFGHqwertyui";
  auto read_all = [](std::unique_ptr<Samples> samples) {
    std::string out(24, '\0');
    for (int y = 0; y < 3; ++y) {
      if (!samples->read(reinterpret_cast<uint8_t*>(out.data()) + y * 8)) return std::string("end");
    }
    return out;
  };
  auto at = [&](int y, int i) -> int {
    return y < 0 || i < 0 ? 0 : static_cast<uint8_t>(rows[y * 8 + i]);
  };
  CHECK(read_all(open_flate(source_of(deflated(rows)), 8, 2, Predictor::kNone)) == rows);

  std::string tiff;
  for (int y = 0; y < 3; ++y) {
    for (int i = 0; i < 8; ++i) tiff.push_back(static_cast<char>(at(y, i) - at(y, i - 2)));
  }
  CHECK(read_all(open_flate(source_of(deflated(tiff)), 8, 2, Predictor::kTiff)) == rows);

  for (int filter = 0; filter <= 4; ++filter) {
    CAPTURE(filter);
    std::string png;
    for (int y = 0; y < 3; ++y) {
      png.push_back(static_cast<char>(filter));
      for (int i = 0; i < 8; ++i) {
        int left = at(y, i - 2), up = at(y - 1, i), corner = i < 2 ? 0 : at(y - 1, i - 2);
        int p = left + up - corner;
        int nearest =
            std::abs(p - left) <= std::abs(p - up) && std::abs(p - left) <= std::abs(p - corner)
                ? left
            : std::abs(p - up) <= std::abs(p - corner) ? up
                                                       : corner;
        int predicted[] = {0, left, up, (left + up) / 2, nearest};
        png.push_back(static_cast<char>(at(y, i) - predicted[filter]));
      }
    }
    CHECK(read_all(open_flate(source_of(deflated(png)), 8, 2, Predictor::kPng)) == rows);
  }
  std::string unknown = std::string(1, '\5') + rows;
  CHECK(read_all(open_flate(source_of(deflated(unknown)), 8, 2, Predictor::kPng)) == "end");
}

TEST_CASE("Flate: what is damaged or missing ends") {
  std::string good = deflated(std::string(4000, 'x') + "some more");
  std::vector<uint8_t> row(1000);
  auto rows_of = [&](const std::string& bytes) {
    std::unique_ptr<Samples> samples = open_flate(source_of(bytes), 1000, 1, Predictor::kNone);
    int count = 0;
    while (count < 100 && samples->read(row.data())) ++count;
    return count;
  };
  CHECK(rows_of(good) == 4);
  CHECK(rows_of("") == 0);
  CHECK(rows_of("nothing that zlib knows") == 0);
  CHECK(rows_of(good.substr(0, good.size() / 2)) < 4);
}
