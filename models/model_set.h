// The models of one worker, loaded once. On the CPU one thread runs them. On a GPU several may, each
// in a stream of its own; they only queue the work, and other threads wait for what comes out.
//
// Determinism: for the same build, device class and dtype, what a call returns for an image depends
// on that image alone, never on what else is in the call or in its order. Inputs are grouped into
// shape buckets chosen from the image itself; where a network's numbers depend on the size of the
// batch, that is fixed, and filled up with blank rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/image.h"
#include "models/pending.h"
#include "models/picture.h"
#include "proto/result.h"

namespace pdf2md::models {

struct DeviceInfo {
  std::string id;    // "cpu", "cuda:0"
  std::string name;  // "NVIDIA H200"
  std::string note;  // why the CPU is used where CUDA might have been; empty: as asked
  bool cuda = false;
  // Before anything of ours was put there; 0 on the CPU, or where the driver does not tell.
  uint64_t total_bytes = 0, free_bytes = 0;
  std::string held_by;  // "2 other processes (pid 811, 812)"; empty: nobody, or not known
};

// Chooses and initialises the device, once per process and before any other call here: "auto",
// "cpu", "cuda", "cuda:N". Loads libtorch_cuda by dlopen where it is there. "auto" falls back to
// the CPU and says why in `note`. Errors: kDeviceLost (CUDA asked for and not usable), kBadOptions.
Result<DeviceInfo> open_device(const std::string& wanted);

struct TextBox {
  Quad quad;        // pixels of the image given
  float score = 0;  // mean probability inside, in steps of 0.001
};

struct RecognisedText {
  std::string text;      // UTF-8
  float confidence = 0;  // mean over the characters, in steps of 0.001
  std::vector<float>
      positions;       // one per code point of `text`: centre, as a fraction of the crop's width
  std::string script;  // that another program read it in ("Cyrillic"); empty: the recogniser's
};

// Classes of the layout model, numbered as in models/manifest.toml.
enum class LayoutClass : uint8_t {
  kText,
  kTitle,
  kFigure,
  kFigureCaption,
  kTable,
  kTableCaption,
  kHeader,
  kFooter,
  kReference,
  kEquation,
};
struct LayoutBox {
  LayoutClass type = LayoutClass::kText;
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // pixels of the image given
  float score = 0;
};

struct TableCell {
  uint32_t row = 0, column = 0, row_span = 1, column_span = 1;
  bool header = false;                   // inside <thead>
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // pixels of the image given
};
struct TableStructure {
  uint32_t rows = 0, columns = 0;
  std::vector<TableCell> cells;
  float confidence = 0;
};

// Of the device, in bytes; all 0 on the CPU.
struct DeviceMemory {
  uint64_t total = 0, free = 0;
  uint64_t allocated = 0;  // by this process
  uint64_t reserved = 0;   // likewise, with what is cached
  uint64_t reserved_peak = 0;
};

struct LoadTimes {
  uint32_t load_ms = 0, upload_ms = 0, warm_up_ms = 0;
};

class ModelSet {
 public:
  // Reads DIR/manifest.toml, checks every file's sha256, builds the networks on `device`.
  // Errors: kBadModel (which file, why, what to do).
  static Result<std::unique_ptr<ModelSet>> load(const std::string& model_dir,
                                                const DeviceInfo& device, int threads);
  virtual ~ModelSet() = default;

  // Real inferences of every role on a small input. Errors as below.
  virtual Status warm_up() = 0;
  // One usual input shape that has not run yet, for idle moments: on a GPU the first run of a shape
  // takes many times as long as the next. False: none is left. Errors as below.
  virtual Result<bool> warm_up_more() = 0;
  // The cheapest inference that proves the device: milliseconds.
  virtual Status canary() = 0;
  virtual LoadTimes load_times() const = 0;

  // Gives back what is cached but not used. Errors as below.
  virtual Status release_memory() = 0;
  virtual Result<DeviceMemory> memory() = 0;
  // The most that was allocated at one time since the last call of this.
  virtual Result<uint64_t> take_allocation_peak() = 0;

  // --- also from threads that run no models; on a GPU they return when it is done ---
  // The same picture, to be used for all that is asked of it: on a GPU, its pixels are brought there
  // once. Elsewhere, the picture itself. Errors as below.
  virtual Result<Picture> on_device(const Picture& picture) = 0;
  // Lines of text, for recognise() and is_upside_down(). Errors as below.
  virtual Result<std::vector<TextLine>> cut_lines(const Picture& picture,
                                                  std::span<const Quad> lines) = 0;

  // --- from the threads that run models ---
  // Each returns one result per image, in order. Images may be grey or RGB and of any size.
  // Errors: those of models/failure.h, here or when the result is waited for.
  virtual Result<PendingList<std::vector<TextBox>>> detect_text(std::span<const Picture> pages) = 0;
  virtual Result<PendingList<RecognisedText>> recognise(std::span<const TextLine> lines) = 0;
  // True where a line stands upside down.
  virtual Result<PendingList<bool>> is_upside_down(std::span<const TextLine> lines) = 0;
  // 0, 90, 180 or 270: degrees clockwise by which the page is turned; confidence 0…1.
  struct Orientation {
    int degrees = 0;
    float confidence = 0;
  };
  virtual Result<PendingList<Orientation>> page_orientation(std::span<const Picture> pages) = 0;
  virtual Result<PendingList<std::vector<LayoutBox>>> layout(std::span<const Picture> pages) = 0;
  // Crops of one table each, tight.
  virtual Result<PendingList<TableStructure>> table_structure(std::span<const Picture> tables) = 0;
};

}  // namespace pdf2md::models
