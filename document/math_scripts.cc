// Scripts: small tokens that stand raised or lowered beside others.
#include <algorithm>
#include <cmath>

#include "document/math_layout.h"

namespace pdf2md::document {
namespace {

struct Place {
  int side = 0;   // 1: raised, −1: lowered, 0: neither
  float off = 0;  // how far from where scripts stand, of the size
};

Place script_place(const MathToken& base, const MathToken& script) {
  if (script.size > 0.82f * base.size) return {};
  if (base.tall || base.built) {
    const float above = std::abs(script.axis - base.box.y0) / base.size;
    const float below = std::abs(script.axis - base.box.y1) / base.size;
    if (std::min(above, below) > 0.6f) return {};
    return above < below ? Place{1, above} : Place{-1, below};
  }
  const float rise = (base.base - script.base) / base.size;
  if (rise > 0.15f && rise < 0.78f) return {1, std::abs(rise - 0.4f)};
  if (rise < -0.06f && rise > -0.48f) return {-1, std::abs(rise + 0.2f)};
  return {};
}

bool is_prime(const MathTokens& tokens) {
  return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(), [](const MathToken& t) {
    return t.latex == "'" || t.latex == "''";
  });
}

class Scripts {
 public:
  explicit Scripts(MathTokens& tokens) : tokens_(tokens) {
    std::stable_sort(tokens.begin(), tokens.end(),
                     [](const MathToken& a, const MathToken& b) { return a.box.x0 < b.box.x0; });
    parent_.assign(tokens.size(), tokens.size());
    place_.assign(tokens.size(), 0);
    for (const MathToken& t : tokens) reach_.push_back(t.box.x1);
  }

  void run() {
    const size_t n = tokens_.size();
    for (size_t i = 1; i < n; ++i) find_parent(i);
    children_.resize(n);
    for (size_t i = 0; i < n; ++i)
      if (parent_[i] < n) children_[parent_[i]].push_back(i);
    MathTokens out;
    for (size_t i = 0; i < n; ++i)
      if (parent_[i] == n) out.push_back(whole(i));
    tokens_ = std::move(out);
  }

 private:
  void find_parent(size_t i) {
    const MathToken& script = tokens_[i];
    constexpr size_t kFar = 4000;  // tokens looked at: bounds the work on hostile pages
    size_t best = tokens_.size();
    float least = 0, nearer = 0;  // nearer ones have been found: each makes the next less likely
    for (size_t k = i, looked = 0; k-- > 0 && looked < kFar; ++looked) {
      const MathToken& base = tokens_[k];
      if (script.box.x0 - base.box.x0 > 30 * script.size) break;
      if (!takes_scripts(base) || (!base.seed && !script.seed)) continue;
      if (base.box.x1 > script.box.x0 + 0.35f * base.size && !base.tall) continue;
      const float gap = script.box.x0 - reach_[k];
      if (gap > 0.3f * std::min(base.size, 2 * script.size)) continue;
      const Place place = script_place(base, script);
      if (place.side == 0) continue;
      const float cost = std::abs(gap) / base.size + place.off + nearer;
      nearer += 0.15f;
      if (best < tokens_.size() && cost >= least) continue;
      best = k;
      least = cost;
      place_[i] = place.side;
    }
    if (best == tokens_.size()) return;
    parent_[i] = best;
    for (size_t at = best; at < tokens_.size(); at = parent_[at])
      reach_[at] = std::max(reach_[at], script.box.x1);
  }

  static bool takes_scripts(const MathToken& base) {
    return base.kind != MathKind::kRelation && base.kind != MathKind::kBinary &&
           base.kind != MathKind::kPunctuation && (base.kind != MathKind::kOpen || base.tall);
  }

  MathToken whole(size_t i) {
    MathToken token = tokens_[i];
    // A digit or a bracket with a script is mathematics, a word with one need not be.
    const bool seed = token.seed;
    const bool quantity = token.kind == MathKind::kDigit || token.kind == MathKind::kClose;
    MathTokens above, below;
    for (const size_t child : children_[i]) {
      MathToken part = whole(child);
      absorb(token, part);
      (place_[child] > 0 ? above : below).push_back(std::move(part));
    }
    if (!quantity) token.seed = seed;
    if (is_prime(above)) {
      for (const MathToken& t : above) token.latex += t.latex;
      above.clear();
    }
    if (!above.empty()) token.sup = row_latex(std::move(above), true);
    if (!below.empty()) token.sub = row_latex(std::move(below), true);
    return token;
  }

  MathTokens& tokens_;
  std::vector<size_t> parent_;
  std::vector<int> place_;
  std::vector<float> reach_;
  std::vector<std::vector<size_t>> children_;
};

}  // namespace

void attach_scripts(MathTokens& tokens) {
  if (tokens.size() > 1) Scripts(tokens).run();
}

}  // namespace pdf2md::document
