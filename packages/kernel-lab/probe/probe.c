// SPDX-License-Identifier: Apache-2.0
//
// Runs in the lab's guests. In the first kernel it holds memory with a pattern that can be recognised page by page; in the
// second one it looks for that pattern in the dump, or reads the dump twice and tells which pages changed meanwhile.
//
//   probe pattern MIB               fills MIB mebibytes, says so, and stays
//   probe verify FILE               counts pages of the pattern in a dump: intact, damaged, missing
//   probe changed FILE [SECONDS]    pages that differ between two readings, with a pause of 2 seconds between, unless said
//
// Each writes one line of JSON to standard output; what fails is a line {"error":"…"} and status 1.

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, LINE = 64, LINES = PAGE / LINE, BLOCK = 16 << 20, LISTED = 32, PAUSE = 2 };

// A line of the pattern. Every line says which page of how many it is of, so that a page is known by any of them.
struct line {
	uint64_t magic;
	uint32_t page;
	uint32_t pages;
	uint64_t fill[6];
};

static const uint64_t MAGIC = 0x7175696573636531; // "quiesce1"

static _Noreturn void fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("{\"error\":\"");
	vprintf(format, arguments);
	printf("\"}\n");
	va_end(arguments);
	exit(1);
}

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 31)) * 0x9e3779b97f4a7c15;
	return value ^ (value >> 29);
}

static void write_line(struct line *line, uint32_t page, uint32_t pages, unsigned index)
{
	line->magic = MAGIC;
	line->page = page;
	line->pages = pages;
	for (unsigned word = 0; word < 6; word++)
		line->fill[word] = mix(((uint64_t)page << 16) | (index << 3) | word);
}

static int pattern(uint32_t mib)
{
	if (mib < 1 || mib > 65536)
		fail("no number of mebibytes from 1 to 65536");
	size_t size = (size_t)mib << 20;
	uint32_t pages = size / PAGE;
	// Written in the kernel's own page size: a huge page would be freed or moved as one.
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("no %u MiB of memory: %s", mib, strerror(errno));
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (uint32_t page = 0; page < pages; page++)
		for (unsigned index = 0; index < LINES; index++)
			write_line((struct line *)(memory + (size_t)page * PAGE) + index, page, pages, index);
	if (mlock(memory, size) != 0)
		fail("%u MiB can't be locked: %s", mib, strerror(errno));
	printf("{\"pattern\":%u,\"pages\":%u}\n", mib, pages);
	fflush(stdout);
	for (;;)
		pause();
}

// What one walk over a dump does with each block of at most BLOCK bytes of memory, a multiple of PAGE.
typedef void visit(void *state, uint64_t address, const char *bytes, size_t size);

static void read_fully(int file, uint64_t offset, char *into, size_t size)
{
	while (size > 0) {
		ssize_t got = pread(file, into, size, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			fail("the dump can't be read at offset %llu: %s", (unsigned long long)offset,
			     got == 0 ? "it ends there" : strerror(errno));
		into += got;
		offset += got;
		size -= got;
	}
}

// kexec describes the kernel's image twice: within memory, and where it runs.
static bool stands_elsewhere(const Elf64_Phdr *segments, unsigned count, unsigned index)
{
	uint64_t start = segments[index].p_paddr, end = start + segments[index].p_filesz;
	for (unsigned other = 0; other < count; other++) {
		uint64_t from = segments[other].p_paddr, to = from + segments[other].p_filesz;
		bool is_same = from == start && to == end;
		if (segments[other].p_type == PT_LOAD && from <= start && end <= to && (!is_same || other < index))
			return true;
	}
	return false;
}

// Mapped where that can be done: /proc/vmcore maps the old memory itself, and reading it copies every page.
static void walk_block(int file, uint64_t offset, uint64_t address, size_t size, visit *visit, void *state)
{
	char *mapped = MAP_FAILED;
	if (offset % PAGE == 0)
		mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, offset);
	if (mapped != MAP_FAILED) {
		visit(state, address, mapped, size);
		munmap(mapped, size);
		return;
	}
	static char *block;
	if (block == NULL && (block = aligned_alloc(PAGE, BLOCK)) == NULL)
		fail("no memory for a block of %d bytes", BLOCK);
	read_fully(file, offset, block, size);
	visit(state, address, block, size);
}

static void walk_segment(int file, uint64_t length, const Elf64_Phdr *segment, visit *visit, void *state)
{
	// Memory that begins or ends within a page is rounded to the pages that are whole.
	uint64_t skip = -segment->p_paddr % PAGE;
	uint64_t end = segment->p_filesz < skip ? skip : skip + (segment->p_filesz - skip) / PAGE * PAGE;
	if (segment->p_offset + end > length)
		fail("the dump ends at %llu, within its memory", (unsigned long long)length);
	for (uint64_t at = skip; at < end;) {
		size_t size = end - at < BLOCK ? end - at : BLOCK;
		walk_block(file, segment->p_offset + at, segment->p_paddr + at, size, visit, state);
		at += size;
	}
}

static void walk_dump(const char *path, visit *visit, void *state)
{
	int file = open(path, O_RDONLY);
	if (file < 0)
		fail("%s: %s", path, strerror(errno));
	struct stat status;
	if (fstat(file, &status) != 0)
		fail("%s: %s", path, strerror(errno));
	Elf64_Ehdr header;
	read_fully(file, 0, (char *)&header, sizeof header);
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
		fail("%s is no 64-bit ELF file", path);
	Elf64_Phdr *segments = calloc(header.e_phnum, sizeof *segments);
	if (header.e_phnum != 0 && segments == NULL)
		fail("no memory for %u program headers", header.e_phnum);
	read_fully(file, header.e_phoff, (char *)segments, header.e_phnum * sizeof *segments);
	for (unsigned index = 0; index < header.e_phnum; index++)
		if (segments[index].p_type == PT_LOAD && !stands_elsewhere(segments, header.e_phnum, index))
			walk_segment(file, status.st_size, segments + index, visit, state);
	free(segments);
	close(file);
}

struct verification {
	uint64_t scanned;
	uint32_t pages;
	uint32_t damaged;
	uint32_t intact;
	uint8_t *seen; // by page: 1 if it was found whole, 2 if it was found damaged
	unsigned listed;
	struct {
		uint64_t address;
		uint32_t page;
		uint32_t offset;
	} damages[LISTED];
};

// The line that says which page this is; NULL if that is no page of the pattern. Three lines are asked: more than one
// device would have to have written into the page for all of them to be gone.
static const struct line *known_line(const struct line *lines)
{
	static const unsigned asked[] = { 0, LINES / 2, LINES - 1 };
	for (unsigned index = 0; index < 3; index++) {
		const struct line *line = lines + asked[index];
		if (line->magic == MAGIC && line->pages != 0 && line->page < line->pages)
			return line;
	}
	return NULL;
}

static void verify_page(struct verification *state, uint64_t address, const struct line *lines)
{
	const struct line *known = known_line(lines);
	if (known == NULL)
		return;
	if (state->seen == NULL) {
		state->pages = known->pages;
		state->seen = calloc(state->pages, 1);
		if (state->seen == NULL)
			fail("no memory for %u pages", state->pages);
	}
	if (known->pages != state->pages || state->seen[known->page] == 1)
		return;
	uint32_t offset = PAGE;
	for (unsigned index = 0; index < LINES && offset == PAGE; index++) {
		struct line whole;
		write_line(&whole, known->page, known->pages, index);
		const char *is = (const char *)(lines + index), *should = (const char *)&whole;
		for (unsigned byte = 0; memcmp(is, should, LINE) != 0 && byte < LINE && offset == PAGE; byte++)
			if (is[byte] != should[byte])
				offset = index * LINE + byte;
	}
	if (offset != PAGE && state->seen[known->page] == 0 && state->listed < LISTED) {
		state->damages[state->listed].address = address;
		state->damages[state->listed].page = known->page;
		state->damages[state->listed++].offset = offset;
	}
	state->seen[known->page] = offset == PAGE ? 1 : 2;
}

static void verify_block(void *given, uint64_t address, const char *bytes, size_t size)
{
	struct verification *state = given;
	for (size_t at = 0; at < size; at += PAGE) {
		verify_page(state, address + at, (const struct line *)(bytes + at));
		state->scanned++;
	}
}

static int verify(const char *path)
{
	struct verification state = { 0 };
	walk_dump(path, verify_block, &state);
	for (uint32_t page = 0; page < state.pages; page++) {
		state.intact += state.seen[page] == 1;
		state.damaged += state.seen[page] == 2;
	}
	printf("{\"pages\":%u,\"intact\":%u,\"damaged\":%u,\"missing\":%u,\"scanned\":%llu,\"damages\":[", state.pages,
	       state.intact, state.damaged, state.pages - state.intact - state.damaged,
	       (unsigned long long)state.scanned);
	for (unsigned index = 0; index < state.listed; index++)
		printf("%s{\"address\":\"%#llx\",\"page\":%u,\"offset\":%u}", index ? "," : "",
		       (unsigned long long)state.damages[index].address, state.damages[index].page,
		       state.damages[index].offset);
	printf("]}\n");
	return 0;
}

struct comparison {
	uint64_t *sums;
	size_t capacity;
	size_t at;
	bool second;
	uint64_t changed;
	unsigned listed;
	uint64_t past_end; // address behind the last page that changed
	struct {
		uint64_t address;
		uint64_t pages;
	} ranges[LISTED];
};

static uint64_t sum_page(const char *bytes)
{
	const uint64_t *words = (const uint64_t *)bytes;
	uint64_t sum = 0;
	for (unsigned word = 0; word < PAGE / 8; word++)
		sum = ((sum << 7) | (sum >> 57)) * 5 + words[word];
	return sum;
}

static void note_change(struct comparison *state, uint64_t address)
{
	state->changed++;
	if (state->listed > 0 && address == state->past_end)
		state->ranges[state->listed - 1].pages++;
	else if (state->listed < LISTED) {
		state->ranges[state->listed].address = address;
		state->ranges[state->listed++].pages = 1;
	} else
		return;
	state->past_end = address + PAGE;
}

static void compare_block(void *given, uint64_t address, const char *bytes, size_t size)
{
	struct comparison *state = given;
	for (size_t at = 0; at < size; at += PAGE, state->at++) {
		uint64_t sum = sum_page(bytes + at);
		if (state->second) {
			if (state->at < state->capacity && state->sums[state->at] != sum)
				note_change(state, address + at);
			continue;
		}
		if (state->at == state->capacity) {
			state->capacity = state->capacity ? 2 * state->capacity : 1 << 16;
			state->sums = realloc(state->sums, state->capacity * sizeof *state->sums);
			if (state->sums == NULL)
				fail("no memory for the sums of %zu pages", state->capacity);
		}
		state->sums[state->at] = sum;
	}
}

static int changed(const char *path, unsigned seconds)
{
	struct comparison state = { 0 };
	walk_dump(path, compare_block, &state);
	sleep(seconds);
	state.second = true;
	state.at = 0;
	walk_dump(path, compare_block, &state);
	printf("{\"scanned\":%zu,\"changed\":%llu,\"ranges\":[", state.at, (unsigned long long)state.changed);
	for (unsigned index = 0; index < state.listed; index++)
		printf("%s{\"address\":\"%#llx\",\"pages\":%llu}", index ? "," : "",
		       (unsigned long long)state.ranges[index].address, (unsigned long long)state.ranges[index].pages);
	printf("]}\n");
	return 0;
}

int main(int count, char **arguments)
{
	const char *task = count > 2 ? arguments[1] : "";
	if (strcmp(task, "pattern") == 0)
		return pattern(strtoul(arguments[2], NULL, 10));
	if (strcmp(task, "verify") == 0)
		return verify(arguments[2]);
	if (strcmp(task, "changed") == 0)
		return changed(arguments[2], count > 3 ? strtoul(arguments[3], NULL, 10) : PAUSE);
	fail("called as none of: pattern MIB, verify FILE, changed FILE [SECONDS]");
}
