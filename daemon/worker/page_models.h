// The models, as one page sees them: what it asks for is dropped when it is abandoned, and what it
// costs is kept.
#pragma once

#include "daemon/worker/model_executor.h"
#include "daemon/worker/script_ocr.h"

namespace pdf2md::worker {

class PageModels {
 public:
  using Pictures = ModelExecutor::Pictures;
  using Lines = ModelExecutor::Lines;
  template <class R>
  using Results = ModelExecutor::Results<R>;

  // All must live as long as this.
  PageModels(ModelExecutor& executor, PageUse& use, ScriptOcr& scripts)
      : executor_(executor), use_(use), scripts_(scripts) {}

  Results<std::vector<models::TextBox>> detect_text(Pictures pages) {
    return executor_.detect_text(pages, asked(ModelRole::kDetection));
  }
  Results<models::RecognisedText> recognise(Lines lines) {
    return executor_.recognise(lines, asked(ModelRole::kRecognition));
  }
  Results<bool> is_upside_down(Lines lines) {
    return executor_.is_upside_down(lines, asked(ModelRole::kOrientation));
  }
  Results<models::ModelSet::Orientation> page_orientation(Pictures pages) {
    return executor_.page_orientation(pages, asked(ModelRole::kOrientation));
  }
  Results<std::vector<models::LayoutBox>> layout(Pictures pages) {
    return executor_.layout(pages, asked(ModelRole::kLayout));
  }
  Results<models::TableStructure> table_structure(Pictures tables) {
    return executor_.table_structure(tables, asked(ModelRole::kTables));
  }
  // See ScriptOcr::read().
  Result<document::ScriptFinding> read_other_scripts(const models::ImageView& page,
                                                     std::span<const models::Quad> lines,
                                                     std::vector<models::RecognisedText>& texts) {
    return scripts_.read(page, lines, texts);
  }

  Result<models::Picture> on_device(const models::Picture& picture) {
    return executor_.on_device(picture);
  }
  Result<std::vector<models::TextLine>> cut_lines(const models::Picture& picture,
                                                  std::span<const models::Quad> lines) {
    return executor_.cut_lines(picture, lines);
  }

 private:
  PageUse& asked(ModelRole role) {
    use_.models_asked |= static_cast<unsigned>(role);
    return use_;
  }

  ModelExecutor& executor_;
  PageUse& use_;
  ScriptOcr& scripts_;
};

}  // namespace pdf2md::worker
