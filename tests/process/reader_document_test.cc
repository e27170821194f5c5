// What the reader says about a document as a whole: metadata, bookmarks, links, tags, encryption,
// damage.
#include <catch2/catch.hpp>

#include "tests/process/reader_fixture.h"

namespace pdf2md::test {
namespace {

using document::PageContent;

std::string object(int number) {
  return std::to_string(number) + " 0 R";
}

TEST_CASE("metadata, language and page count") {
  OpenReader reader(
      PdfBuilder()
          .page("")
          .page("")
          .catalog("/Lang (de-DE)")
          .info("/Title <FEFF00DC0062006500720073006900630068007400> /Producer (Maker 1.0) "
                "/CreationDate (D:20240131120005Z)")
          .build());
  REQUIRE(reader.info);
  CHECK(reader.info->pages == 2);
  CHECK(reader.info->version == "1.4");
  CHECK(reader.info->title.starts_with("Übersicht"));
  CHECK(reader.info->producer == "Maker 1.0");
  CHECK(reader.info->created == "2024-01-31T12:00:05");
  CHECK(reader.info->language == "de-DE");
  CHECK(reader.info->encryption == "none");
  CHECK(reader.info->damage.empty());
  CHECK_FALSE(reader.info->tagged);
}

TEST_CASE("bookmarks have level and target, and loops end") {
  PdfBuilder builder;
  builder.page("").page("");
  int root = builder.next_object();
  builder.add("<< /First " + object(root + 1) + " /Last " + object(root + 2) + " >>");
  builder.add("<< /Title (One) /Parent " + object(root) + " /Next " + object(root + 2) +
              " /First " + object(root + 3) + " /Dest [ 7 0 R /XYZ 0 592 0 ] >>");
  builder.add("<< /Title (Two) /Parent " + object(root) + " /Next " + object(root + 1) + " >>");
  builder.add("<< /Title (Inner) /Parent " + object(root + 1) + " /First " + object(root + 1) +
              " /Dest [ 5 0 R /Fit ] >>");
  builder.catalog("/Outlines " + object(root));
  OpenReader reader(builder.build());
  REQUIRE(reader.info);
  const std::vector<document::Bookmark>& marks = reader.info->bookmarks;
  REQUIRE(marks.size() >= 3);
  CHECK(marks.size() < 200);
  CHECK(marks[0].title == "One");
  CHECK(marks[0].level == 1);
  CHECK(marks[0].page == 2);
  CHECK(marks[0].y == Approx(200));
  CHECK(marks[1].title == "Inner");
  CHECK(marks[1].level == 2);
  CHECK(marks[1].page == 1);
  CHECK(marks[1].y == 0);
}

TEST_CASE("links, form fields and notes") {
  PdfBuilder builder;
  PdfPage page{"", "0 0 612 792", ""};
  int first = 9;  // two pages: objects 5 to 8
  page.extra = "/Annots [";
  for (int i = 0; i < 4; ++i) page.extra += " " + object(first + i);
  page.extra += " ]";
  builder.page(page).page("");
  builder.add(
      "<< /Subtype /Link /Rect [ 100 700 200 710 ] /A << /S /URI /URI (https://example.org/) >> "
      ">>");
  builder.add("<< /Subtype /Link /Rect [ 100 600 200 610 ] /Dest [ 7 0 R /XYZ 0 692 0 ] >>");
  builder.add("<< /Subtype /Widget /FT /Tx /T (name) /V (Ada) /Rect [ 100 500 200 520 ] >>");
  builder.add("<< /Subtype /Text /Contents (a remark) /Rect [ 300 500 320 520 ] >>");
  builder.catalog("/AcroForm << /Fields [ " + object(first + 2) +
                  " ] >> /PageLabels << /Nums [ 0 << /S /r >> ] >>");
  OpenReader reader(builder.build());
  PageContent content = reader.page(1);
  CHECK(content.label == "i");
  CHECK(reader.page(2).label == "ii");
  REQUIRE(content.links.size() == 2);
  CHECK(content.links[0].uri == "https://example.org/");
  CHECK(content.links[0].box.y0 == Approx(82));
  CHECK(content.links[1].target_page == 2);
  CHECK(content.links[1].target_y == Approx(100));
  REQUIRE(content.widgets.size() == 2);
  CHECK(content.widgets[0].kind == "text");
  CHECK(content.widgets[0].name == "name");
  CHECK(content.widgets[0].value == "Ada");
  CHECK(content.widgets[1].kind == "note");
  CHECK(content.widgets[1].value == "a remark");
  CHECK(content.rules.empty());  // frames around links are not content
}

TEST_CASE("tags give each piece of content its role, in the tree's order") {
  PdfBuilder builder;
  builder.page(
      PdfPage{"BT /F1 10 Tf 100 700 Td /P << /MCID 0 >> BDC (body) Tj EMC /H1 << /MCID 1 >> BDC "
              "(head) Tj EMC "
              "/Artifact BMC (7) Tj EMC /Span << /MCID 2 >> BDC (more) Tj EMC ET",
              "0 0 612 792", "/StructParents 0"});
  int root = builder.next_object();
  // Document → { Headline (mapped to H1) → 1, P → { 0, Span → 2 } }
  builder.add("<< /Type /StructTreeRoot /K " + object(root + 1) +
              " /RoleMap << /Headline /H1 >> /ParentTree << /Nums [ 0 [ " + object(root + 3) + " " +
              object(root + 2) + " " + object(root + 4) + " ] ] >> >>");
  builder.add("<< /S /Document /P " + object(root) + " /K [ " + object(root + 2) + " " +
              object(root + 3) + " ] >>");
  builder.add("<< /S /Headline /P " + object(root + 1) + " /K 1 >>");
  builder.add("<< /S /P /P " + object(root + 1) + " /K [ 0 " + object(root + 4) + " ] >>");
  builder.add("<< /S /Span /P " + object(root + 3) + " /K 2 >>");
  builder.catalog("/MarkInfo << /Marked true >> /StructTreeRoot " + object(root));
  OpenReader reader(builder.build());
  CHECK(reader.info->tagged);
  PageContent page = reader.page(1);
  auto span_of = [&](const std::string& text) {
    for (const document::Glyph& glyph : page.glyphs) {
      if (page.glyph_text(glyph) != text) continue;
      for (const document::TaggedSpan& tag : page.tags) {
        if (tag.mcid == glyph.mcid) return tag;
      }
    }
    return document::TaggedSpan{};
  };
  CHECK(span_of("h").role == "H1");
  CHECK(span_of("b").role == "P");
  CHECK(span_of("m").role == "P");  // a Span says nothing: its paragraph does
  CHECK(span_of("7").role == "Artifact");
  CHECK(span_of("h").element < span_of("b").element);
  CHECK(span_of("b").element == span_of("m").element);
}

TEST_CASE("encrypted documents: what is missing is said") {
  PdfBuilder locked =
      PdfBuilder().page("BT /F1 10 Tf 100 700 Td (secret) Tj ET").encrypt("user", "owner");
  CHECK(OpenReader(locked.build()).code() == ErrorCode::kNeedsPassword);
  CHECK(OpenReader(locked.build(), {"wrong", "other"}).code() == ErrorCode::kWrongPassword);
  OpenReader user(locked.build(), {"wrong", "user"});
  REQUIRE(user.info);
  CHECK(user.info->encryption == "user");
  CHECK(all_text(user.page(1)) == "secret");
  OpenReader owner(locked.build(), {"owner"});
  CHECK(all_text(owner.page(1)) == "secret");

  OpenReader open(
      PdfBuilder().page("BT /F1 10 Tf 100 700 Td (free) Tj ET").encrypt("", "owner").build());
  REQUIRE(open.info);
  CHECK(open.info->encryption == "owner");
  CHECK(all_text(open.page(1)) == "free");

  PdfBuilder foreign = PdfBuilder().page("").encrypt("", "owner").security_handler("Acme.Vault");
  OpenReader reader(foreign.build());
  CHECK(reader.code() == ErrorCode::kUnsupportedSecurity);
  CHECK(reader.info.error().message.find("Acme.Vault") != std::string::npos);
  CHECK(reader.client.running());
}

TEST_CASE("encryption of a version that cannot be undone is not read as if there were none") {
  PdfBuilder locked =
      PdfBuilder().page("BT /F1 10 Tf 100 700 Td (free) Tj ET").encrypt("", "owner");
  const std::string filter = " /StmF /A /StrF /A /CF << /A << /CFM /";
  for (const std::string& entries :
       {std::string("/V 3 /R 3"), std::string("/V 6 /R 7"), std::string("/V 4 /R 4"),
        "/V 4 /R 4" + filter + "None >> >>", "/V 4 /R 4" + filter + "AESV3 >> >>",
        std::string("/V 4 /R 4 /StmF /A /StrF /Identity /CF << /A << /CFM /AESV2 >> >>")}) {
    INFO(entries);
    OpenReader reader(locked.security_version(entries).build());
    CHECK(reader.code() == ErrorCode::kUnsupportedSecurity);
  }
  // The same key, as a crypt filter.
  OpenReader reader(
      locked.security_version("/V 4 /R 4 /Length 40" + filter + "V2 /Length 5 >> >>").build());
  CHECK(reader.code() != ErrorCode::kUnsupportedSecurity);
}

TEST_CASE("what cannot be converted is named") {
  CHECK(OpenReader("").code() == ErrorCode::kNotADocument);
  CHECK(OpenReader("just some words\n").code() == ErrorCode::kNotADocument);
  OpenReader gif("GIF89a....................");
  CHECK(gif.code() == ErrorCode::kUnsupportedType);
  CHECK(gif.info.error().message.find("GIF") != std::string::npos);
  CHECK(gif.info.error().hint.find("PNG") != std::string::npos);
  OpenReader word(std::string("PK\x03\x04") + std::string(26, '.') + "[Content_Types].xml");
  CHECK(word.info.error().message.find("Microsoft Office") != std::string::npos);
  OpenReader html("<!DOCTYPE html><html></html>");
  CHECK(html.info.error().message.find("HTML") != std::string::npos);
  OpenReader postscript("%!PS-Adobe-3.0\n");
  CHECK(postscript.info.error().message.find("PostScript") != std::string::npos);
}

TEST_CASE("damage: repaired where possible, named where not") {
  std::string whole = PdfBuilder().page("BT /F1 10 Tf 100 700 Td (text) Tj ET").build();
  SECTION("something before the header") {
    OpenReader reader("some mail gateway's line\r\n" + whole);
    CHECK(all_text(reader.page(1)) == "text");
  }
  SECTION("the cross-reference table is lost") {
    std::string broken = whole;
    broken.replace(broken.find("startxref\n") + 10, 1, "9");
    broken.replace(broken.find("\nxref\n") + 1, 4, "yref");
    OpenReader reader(broken);
    REQUIRE(reader.info);
    CHECK(reader.info->damage.find("rebuilt") != std::string::npos);
    CHECK(all_text(reader.page(1)) == "text");
  }
  SECTION("the end is missing, but the page is there") {
    OpenReader reader(whole.substr(0, whole.find("\nxref\n")) + "\ntrailer << /Root 1 0 R >>\n");
    REQUIRE(reader.info);
    CHECK(reader.info->damage.find("ends early") != std::string::npos);
    CHECK(all_text(reader.page(1)) == "text");
  }
  SECTION("nothing but the beginning") {
    OpenReader reader(whole.substr(0, 40));
    CHECK(reader.code() == ErrorCode::kTruncated);
    CHECK(reader.client.running());
  }
  SECTION("no catalog") {
    std::string broken = whole;
    for (size_t at; (at = broken.find("/Catalog")) != std::string::npos;)
      broken.replace(at, 8, "/Xatalog");
    for (size_t at; (at = broken.find("/Root")) != std::string::npos;)
      broken.replace(at, 5, "/Toor");
    CHECK(OpenReader(broken).code() == ErrorCode::kDamaged);
  }
  SECTION("no pages") {
    CHECK(OpenReader(PdfBuilder().build()).code() == ErrorCode::kNoPages);
  }
}

}  // namespace
}  // namespace pdf2md::test
