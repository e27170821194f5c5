// Prometheus' text format, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pdf2md::supervisor {

// Observations in buckets. `bounds` ascend; what is above the last one counts in +Inf.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
  void observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  const std::vector<uint64_t>& counts() const { return counts_; }  // not cumulative; last: +Inf
  double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<uint64_t> counts_;
  double sum_ = 0;
};

class PrometheusText {
 public:
  using Label = std::pair<std::string_view, std::string>;
  using Labels = std::initializer_list<Label>;
  enum class Type : uint8_t { kCounter, kGauge };

  // The head of a family; its samples follow. Counters are named *_total.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(double value, Labels labels = {});
  void histogram(std::string_view name, std::string_view help, const Histogram& histogram);

  // A family with one sample.
  void counter(std::string_view name, std::string_view help, double value);
  void gauge(std::string_view name, std::string_view help, double value);

  const std::string& text() const { return text_; }

 private:
  void head(std::string_view name, const char* type, std::string_view help);
  void line(std::string_view name, Labels labels, double value);

  std::string text_;
  std::string family_;
};

}  // namespace pdf2md::supervisor
