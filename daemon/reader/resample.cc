#include "daemon/reader/resample.h"

#include <emmintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace pdf2md::reader {
namespace {

// Sums of rows fit 16 signed bits, and those of columns 32.
constexpr int kDownUnit = 128;
constexpr int kAcrossUnit = 256;
constexpr int kShift = 15;  // log2(kDownUnit × kAcrossUnit)
constexpr int kHalf = 1 << (kShift - 1);
// What is summed at once. Buffers are a multiple of it, so that loops have no rest.
constexpr size_t kBlock = 16;
// scale_grey() takes four source pixels for each target pixel, whatever they weigh.
constexpr int kFour = 4;

size_t padded(size_t bytes) {
  return (bytes + 2 * kBlock - 1) / kBlock * kBlock;  // and room for reading four at the end
}

// In blocks of a fixed size, and of memory that does not overlap: what the compiler needs to use
// vectors.
template <bool kFirst>
void add_row(int16_t* __restrict sum, const uint8_t* __restrict row, size_t size, int weight) {
  for (size_t block = 0; block < size; block += kBlock) {
    for (size_t i = 0; i < kBlock; ++i) {
      int product = row[block + i] * weight;
      sum[block + i] = static_cast<int16_t>(kFirst ? product : sum[block + i] + product);
    }
  }
}

}  // namespace

Axis::Axis(int source, int target, int unit, Span wanted) {
  pixel_by_pixel_ = std::abs(source - target) <= 1;
  if (pixel_by_pixel_) {
    for (int i = wanted.from; i < wanted.to; ++i) first_.push_back(std::min(i, source - 1));
    weights_.assign(first_.size(), static_cast<int16_t>(unit));
  } else if (source > target) {
    shrink(source, target, unit, wanted);
  } else {
    grow(source, target, unit, wanted);
  }
}

void Axis::shrink(int source, int target, int unit, Span wanted) {
  double ratio = static_cast<double>(source) / target;
  taps_ = static_cast<int>(std::ceil(ratio)) + 1;
  if (taps_ < kFour) taps_ = kFour;
  weights_.assign(static_cast<size_t>(wanted.length()) * taps_, 0);
  for (int i = wanted.from; i < wanted.to; ++i) {
    double begin = i * ratio;
    double end = std::min<double>((i + 1) * ratio, source);
    int first = std::min(static_cast<int>(begin), source - 1);
    first_.push_back(first);
    int16_t* weights = weights_.data() + static_cast<size_t>(i - wanted.from) * taps_;
    // Rounding what is covered so far, not each share, makes the sum come out exactly.
    int so_far = 0;
    for (int k = 0; k < taps_; ++k) {
      double covered = std::clamp((first + k + 1 - begin) / (end - begin), 0.0, 1.0);
      int now = static_cast<int>(std::lround(covered * unit));
      weights[k] = static_cast<int16_t>(now - so_far);
      so_far = now;
    }
  }
}

void Axis::grow(int source, int target, int unit, Span wanted) {
  double ratio = static_cast<double>(source) / target;
  taps_ = kFour;
  weights_.assign(static_cast<size_t>(wanted.length()) * taps_, 0);
  for (int i = wanted.from; i < wanted.to; ++i) {
    double at = i * ratio;
    int first = std::min(static_cast<int>(at), source - 1);
    int second = first + 1 < source ? static_cast<int>(std::lround((at - first) * unit)) : 0;
    first_.push_back(first);
    int16_t* weights = weights_.data() + static_cast<size_t>(i - wanted.from) * taps_;
    weights[0] = static_cast<int16_t>(unit - second);
    weights[1] = static_cast<int16_t>(second);
  }
}

Resampler::Resampler(PixelRows& source, int target_width, int target_height, Span columns,
                     Span rows)
    : source_(source),
      columns_(columns),
      across_(source.width(), target_width, kAcrossUnit, columns),
      down_(source.height(), target_height, kDownUnit, rows),
      row_bytes_(static_cast<size_t>(source.width()) * source.channels()),
      sum_(padded(row_bytes_), 0) {
  for (std::vector<uint8_t>& row : kept_) row.assign(padded(row_bytes_), 0);
}

const uint8_t* Resampler::source_row(int y) {
  while (read_ <= y) {
    if (!source_.read(kept_[read_ % 2].data())) return nullptr;
    ++read_;
  }
  return kept_[y % 2].data();
}

bool Resampler::sum_rows(int y) {
  std::span<const int16_t> weights = down_.weights(y);
  bool first = true;
  for (size_t k = 0; k < weights.size(); ++k) {
    const int16_t weight = weights[k];
    if (weight == 0) continue;
    const uint8_t* row = source_row(down_.first(y) + static_cast<int>(k));
    if (row == nullptr) return false;
    if (first)
      add_row<true>(sum_.data(), row, sum_.size(), weight);
    else
      add_row<false>(sum_.data(), row, sum_.size(), weight);
    first = false;
  }
  return true;
}

// Most of what is done for a page: four target pixels at a time.
void Resampler::scale_grey(uint8_t* row) const {
  const __m128i half = _mm_set1_epi32(kHalf);
  const int16_t* weights = across_.weights(0).data();
  auto pair = [&](int i) {
    __m128i left =
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(sum_.data() + across_.first(i)));
    __m128i right =
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(sum_.data() + across_.first(i + 1)));
    __m128i factors = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + i * kFour));
    return _mm_madd_epi16(_mm_unpacklo_epi64(left, right), factors);
  };
  int width = columns_.length();
  int i = 0;
  for (; i + 4 <= width; i += 4) {
    __m128 a = _mm_castsi128_ps(pair(i)), b = _mm_castsi128_ps(pair(i + 2));
    __m128i even = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)));
    __m128i odd = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    __m128i four = _mm_srai_epi32(_mm_add_epi32(_mm_add_epi32(even, odd), half), kShift);
    four = _mm_packs_epi32(four, four);
    four = _mm_packus_epi16(four, four);
    int bytes = _mm_cvtsi128_si32(four);
    std::memcpy(row + i, &bytes, 4);
  }
  for (; i < width; ++i) {
    int value = kHalf;
    for (int k = 0; k < kFour; ++k) value += sum_[across_.first(i) + k] * weights[i * kFour + k];
    row[i] = static_cast<uint8_t>(value >> kShift);
  }
}

void Resampler::scale(uint8_t* row) const {
  const int channels = source_.channels();
  for (int i = 0; i < columns_.length(); ++i) {
    std::span<const int16_t> weights = across_.weights(i);
    const int16_t* from = sum_.data() + static_cast<ptrdiff_t>(across_.first(i)) * channels;
    // Past the source's last pixel nothing has a weight, nor can it be read.
    int count = std::min(static_cast<int>(weights.size()), source_.width() - across_.first(i));
    for (int channel = 0; channel < channels; ++channel) {
      int value = kHalf;
      for (int k = 0; k < count; ++k) value += from[k * channels + channel] * weights[k];
      *row++ = static_cast<uint8_t>(value >> kShift);
    }
  }
}

bool Resampler::next(uint8_t* row) {
  int y = done_++;
  if (across_.pixel_by_pixel() && down_.pixel_by_pixel()) {
    const uint8_t* from = source_row(down_.first(y));
    if (from == nullptr) return false;
    size_t channels = static_cast<size_t>(source_.channels());
    size_t inside =
        static_cast<size_t>(std::clamp(source_.width() - columns_.from, 0, columns_.length()));
    if (inside > 0) std::memcpy(row, from + columns_.from * channels, inside * channels);
    // A target that is a pixel wider repeats the last one.
    for (size_t i = inside; i < static_cast<size_t>(columns_.length()); ++i)
      std::memcpy(row + i * channels, from + (source_.width() - 1) * channels, channels);
    return true;
  }
  if (!sum_rows(y)) return false;
  if (source_.channels() == 1 && across_.taps() == kFour)
    scale_grey(row);
  else
    scale(row);
  return true;
}

}  // namespace pdf2md::reader
