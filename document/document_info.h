// What is known about a document before any page is read. Made by pdf2md-reader, kept in the job
// folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/fields.h"

namespace pdf2md::document {

struct Bookmark {
  std::string title;
  uint32_t level = 1;  // 1 is the outermost
  uint32_t page = 0;   // 1-based; 0: target unknown
  float y = 0;         // page space of that page; 0 where only the page is known
  template <class A>
  void fields(A& a) {
    a("title", title);
    a("level", level);
    a("page", page);
    a("y", y);
  }
};

struct DocumentInfo {
  std::string type = "pdf";
  std::string version;  // "1.7"
  uint32_t pages = 0;
  std::string title, author, subject, producer, creator, created, language;
  bool tagged = false;
  std::string encryption;  // "none", "owner" (opens without a password), "user"
  std::string damage;      // "" or what was repaired: "cross-reference table rebuilt", ...
  std::vector<Bookmark> bookmarks;
  template <class A>
  void fields(A& a) {
    a("type", type);
    a("version", version);
    a("pages", pages);
    a("title", title);
    a("author", author);
    a("subject", subject);
    a("producer", producer);
    a("creator", creator);
    a("created", created);
    a("language", language);
    a("tagged", tagged);
    a("encryption", encryption);
    a("damage", damage);
    a("bookmarks", bookmarks);
  }
};

}  // namespace pdf2md::document
