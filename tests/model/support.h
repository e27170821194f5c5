// What the model tests share: where the models and the reference numbers are, and how to read them.
//
// PDF2MD_MODELS (default .deps/models), PDF2MD_REFERENCE (default build/reference: what
// reference.py wrote), PDF2MD_TEST_DEVICE (default cpu).
#pragma once

#include <string>
#include <vector>

#include "models/image.h"
#include "models/model_set.h"

namespace pdf2md::models::test {

std::string model_directory();
std::string reference_directory();
std::string test_device();

// The models on this device ("cpu", "cuda"), loaded once; fails the test where that does not work.
ModelSet& model_set(const std::string& device);

// Asks a model set about images and waits for the answers.
class Asker {
 public:
  explicit Asker(ModelSet& set) : set_(set) {}
  using Images = std::vector<ImageView>;

  Result<std::vector<std::vector<TextBox>>> detect_text(const Images& pages) const {
    return finished(set_.detect_text(pictures(pages)));
  }
  Result<std::vector<RecognisedText>> recognise(const Images& lines) const;
  Result<std::vector<bool>> is_upside_down(const Images& lines) const;
  Result<std::vector<ModelSet::Orientation>> page_orientation(const Images& pages) const {
    return finished(set_.page_orientation(pictures(pages)));
  }
  Result<std::vector<std::vector<LayoutBox>>> layout(const Images& pages) const {
    return finished(set_.layout(pictures(pages)));
  }
  Result<std::vector<TableStructure>> table_structure(const Images& tables) const {
    return finished(set_.table_structure(pictures(tables)));
  }

 private:
  template <class R>
  static Result<std::vector<R>> finished(const Result<PendingList<R>>& pending) {
    if (!pending) return pending.error();
    return wait_for_all(*pending);
  }
  static std::vector<Picture> pictures(const Images& images) {
    return std::vector<Picture>(images.begin(), images.end());
  }
  // Each image is one line.
  Result<std::vector<TextLine>> lines_of(const Images& images) const;

  ModelSet& set_;
};

struct RawTensor {
  std::vector<int64_t> sizes;
  std::vector<float> values;
};
RawTensor read_tensor(const std::string& path);
Image read_ppm(const std::string& path);
// Sorted paths of the files in a folder that end so.
std::vector<std::string> files(const std::string& folder, const std::string& suffix);
std::vector<std::string> read_lines(const std::string& path);

// Edits that turn one text into the other.
size_t edit_distance(const std::string& a, const std::string& b);

// CPU seconds of this process, and its resident memory.
double cpu_seconds();
double resident_mb();

}  // namespace pdf2md::models::test
