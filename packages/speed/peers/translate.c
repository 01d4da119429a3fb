/*
 * VT-d legacy-mode translation over a dump of tables.
 *   translate IMAGE REQUESTS ROOT PASSES
 * A remapping unit as one would write it in C: a context cache and an IO-TLB of the same sizes and the same tags as
 * quiesce's, a walk of the tables on a miss, every check of the entries on the way, and the same outcome.
 * IMAGE: start address, then bytes. REQUESTS: records of struct request. ROOT: address of the root table,
 * hexadecimal. PASSES: how often a run goes through the list.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request {
  uint64_t address;
  uint32_t requester;
  uint32_t write;
};

struct outcome {
  uint64_t address;
  uint64_t entry;
  uint32_t valid_for;
  uint32_t reason;
  uint8_t allowed, untranslated, steady;
};

static uint8_t *image;
static uint64_t image_start, image_size, root_table;
static const uint64_t reserved = ~0ull << 39 & ~(1ull << 63);
static const uint64_t address_bits = 0x000ffffffffff000ull;

static inline int read64(uint64_t address, uint64_t *value) {
  uint64_t at = address - image_start;
  if (at > image_size - 8) return 0;
  memcpy(value, image + at, 8);
  return 1;
}

static inline int refuse(struct outcome *out, uint32_t reason, uint64_t entry, uint64_t address) {
  out->allowed = 0;
  out->untranslated = 0;
  out->steady = 0;
  out->reason = reason;
  out->entry = entry;
  out->address = address;
  out->valid_for = 4096 - (address & 4095);
  return 0;
}

struct context {
  uint64_t table;
  uint32_t levels, domain;
};

static int fetch_context(const struct request *req, struct context *context, struct outcome *out) {
  uint64_t low, high, entry = root_table + (req->requester >> 8) * 16;
  if (!read64(entry, &low) || !read64(entry + 8, &high)) return refuse(out, 8, entry, req->address);
  if (!(low & 1)) return refuse(out, 1, entry, req->address);
  if ((low & 0xffe) || high || (low & reserved)) return refuse(out, 10, entry, req->address);
  entry = (low & address_bits) + (req->requester & 0xff) * 16;
  if (!read64(entry, &low) || !read64(entry + 8, &high)) return refuse(out, 9, entry, req->address);
  if (!(low & 1)) return refuse(out, 2, entry, req->address);
  if ((low & 0xff0) || (low & reserved) || (high & 0xffffffffff000080ull)) return refuse(out, 11, entry, req->address);
  uint32_t width = high & 7;
  if ((low & 0xc) || width < 1 || width > 2) return refuse(out, 3, entry, req->address);
  context->table = low & address_bits;
  context->levels = width + 2;
  context->domain = high >> 8 & 0xffff;
  return 1;
}

static int walk(const struct request *req, const struct context *context, struct outcome *out) {
  uint32_t need = req->write ? 2 : 1;
  uint64_t table = context->table;
  if (req->address >> (12 + 9 * context->levels)) return refuse(out, 4, 0, req->address);
  for (uint32_t level = context->levels;; level--) {
    uint32_t shift = 12 + 9 * (level - 1);
    uint64_t value, entry = table + (req->address >> shift & 511) * 8;
    if (!read64(entry, &value)) return refuse(out, 7, entry, req->address);
    if (!(value & 3) || (value & need) != need) return refuse(out, req->write ? 5 : 6, entry, req->address);
    int large = level > 1 && (value & 0x80);
    if ((value & reserved) || (value & 0x800) || (large && (level > 3 || (value & ((1ull << shift) - 1) & address_bits))))
      return refuse(out, 12, entry, req->address);
    table = value & address_bits;
    if (level == 1 || large) {
      uint64_t size = 1ull << shift, offset = req->address & (size - 1);
      out->allowed = 1;
      out->untranslated = 0;
      out->steady = 0;
      out->reason = 0;
      out->entry = entry;
      out->address = table + offset;
      out->valid_for = size - offset;
      return 1;
    }
  }
}

enum { SETS = 1024, WAYS = 4, CONTEXT_SETS = 256 };
static struct { uint64_t page, frame, entry; uint32_t domain, flags; } tlb[SETS][WAYS];
static uint8_t tlb_victim[SETS];
static struct { uint32_t requester, valid; struct context context; } contexts[CONTEXT_SETS][WAYS];
static uint8_t context_victim[CONTEXT_SETS];
static int translation_enabled = 1;
static uint64_t misses;

/* One call for each request, as a fabric calls its unit. */
__attribute__((noinline)) static int translate(const struct request *req, struct outcome *out) {
  if (req->address >= 0xfee00000 && req->address < 0xfef00000) return refuse(out, 0, 0, req->address);
  if (!translation_enabled) return refuse(out, 0, 0, req->address);
  uint32_t set = req->requester & (CONTEXT_SETS - 1);
  int way = 0;
  while (way < WAYS && !(contexts[set][way].valid && contexts[set][way].requester == req->requester)) way++;
  if (way == WAYS) {
    struct context fetched;
    if (!fetch_context(req, &fetched, out)) return 0;
    for (way = 0; way < WAYS && contexts[set][way].valid; way++);
    if (way == WAYS) way = context_victim[set]++ % WAYS;
    contexts[set][way].valid = 1;
    contexts[set][way].requester = req->requester;
    contexts[set][way].context = fetched;
  }
  const struct context *context = &contexts[set][way].context;
  if (req->address >> (12 + 9 * context->levels)) return refuse(out, 4, 0, req->address);
  uint64_t page = req->address >> 12;
  uint32_t need = req->write ? 2 : 1;
  uint32_t row = ((uint32_t)page ^ context->domain * 0x9e3779b1u >> 7) & (SETS - 1);
  for (int slot = 0; slot < WAYS; slot++) {
    if (tlb[row][slot].page != page || tlb[row][slot].domain != context->domain) continue;
    if ((tlb[row][slot].flags & need) != need) break;
    out->allowed = 1;
    out->untranslated = 0;
    out->steady = 1;
    out->reason = 0;
    out->entry = tlb[row][slot].entry;
    out->address = tlb[row][slot].frame + (req->address & 4095);
    out->valid_for = 4096 - (req->address & 4095);
    return 1;
  }
  misses++;
  if (!walk(req, context, out)) return 0;
  int slot = 0;
  while (slot < WAYS && tlb[row][slot].domain) slot++;
  if (slot == WAYS) slot = tlb_victim[row]++ % WAYS;
  tlb[row][slot].page = page;
  tlb[row][slot].domain = context->domain;
  tlb[row][slot].frame = out->address & ~4095ull;
  tlb[row][slot].entry = out->entry;
  tlb[row][slot].flags = 3;
  return 1;
}

static void *load(const char *path, uint64_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  void *bytes = malloc(*size);
  if (fread(bytes, 1, *size, file) != *size) exit(2);
  fclose(file);
  return bytes;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int passes = atoi(argv[4]);
  root_table = strtoull(argv[3], 0, 16);
  uint64_t size;
  uint8_t *bytes = load(argv[1], &size);
  memcpy(&image_start, bytes, 8);
  image = bytes + 8;
  image_size = size - 8;
  struct request *requests = load(argv[2], &size);
  uint64_t count = size / sizeof *requests;
  enum { RUNS = 25 };
  double seconds[RUNS];
  uint32_t addresses = 0, details = 0;
  struct outcome out;
  /* The second pass meets full caches, as every measured run does. */
  for (int pass = 0; pass < 2; pass++) {
    misses = details = 0;
    for (uint64_t i = 0; i < count; i++) {
      if (!translate(&requests[i], &out)) return 6;
      details = details * 31 + (uint32_t)out.entry + out.valid_for;
    }
  }
  uint64_t walks = misses;
  for (int run = 0; run < RUNS; run++) {
    struct timespec start, end;
    addresses = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int pass = 0; pass < passes; pass++) {
      for (uint64_t i = 0; i < count; i++) {
        translate(&requests[i], &out);
        addresses = addresses * 31 + (uint32_t)out.address;
      }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    seconds[run] = (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) * 1e-9;
  }
  qsort(seconds, RUNS, sizeof *seconds, by_value);
  printf("{\"seconds\": %.9f, \"operations\": %llu, \"check\": \"%u %u %llu\"}\n", seconds[RUNS / 2],
         (unsigned long long)count * passes, addresses, details, (unsigned long long)walks);
}
