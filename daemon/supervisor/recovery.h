// What an earlier daemon left behind, made into a queue again.
#pragma once

#include "daemon/supervisor/queue.h"
#include "daemon/supervisor/spool.h"

namespace pdf2md::supervisor {

// Restores the jobs of the journal into `queue`, believing the disk where the two differ: a page
// whose record is not there is done again, a folder that the journal does not know goes (or is kept
// below lost/, where the journal itself is new).
void recover(JournalContents contents, Spool& spool, Queue& queue, Now now);

}  // namespace pdf2md::supervisor
