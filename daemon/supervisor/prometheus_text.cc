#include "daemon/supervisor/prometheus_text.h"

#include <algorithm>
#include <charconv>

namespace pdf2md::supervisor {
namespace {

std::string number(double value) {
  char text[40];
  auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

std::string escaped(std::string_view value) {
  std::string text;
  for (char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

}  // namespace

void Histogram::observe(double value) {
  size_t bucket = static_cast<size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) -
                                      bounds_.begin());
  ++counts_[bucket];
  sum_ += value;
}

void PrometheusText::head(std::string_view name, const char* type, std::string_view help) {
  family_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
  text_.append(" ").append(type).append("\n");
}

void PrometheusText::line(std::string_view name, Labels labels, double value) {
  text_.append(name);
  const char* before = "{";
  for (const Label& label : labels) {
    text_.append(before).append(label.first).append("=\"").append(escaped(label.second));
    text_.append("\"");
    before = ",";
  }
  text_.append(labels.size() > 0 ? "} " : " ").append(number(value)).append("\n");
}

void PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  head(name, type == Type::kCounter ? "counter" : "gauge", help);
}

void PrometheusText::sample(double value, Labels labels) {
  line(family_, labels, value);
}

void PrometheusText::histogram(std::string_view name, std::string_view help,
                               const Histogram& histogram) {
  head(name, "histogram", help);
  uint64_t below = 0;
  for (size_t i = 0; i < histogram.counts().size(); ++i) {
    below += histogram.counts()[i];
    bool last = i == histogram.bounds().size();
    line(family_ + "_bucket", {{"le", last ? "+Inf" : number(histogram.bounds()[i])}},
         static_cast<double>(below));
  }
  line(family_ + "_sum", {}, histogram.sum());
  line(family_ + "_count", {}, static_cast<double>(below));
}

void PrometheusText::counter(std::string_view name, std::string_view help, double value) {
  family(name, Type::kCounter, help);
  sample(value);
}

void PrometheusText::gauge(std::string_view name, std::string_view help, double value) {
  family(name, Type::kGauge, help);
  sample(value);
}

}  // namespace pdf2md::supervisor
