// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

/*
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

// gojk_note_is_go says whether a loaded object's notes name the Go toolchain (section .note.go.buildid: owner "Go").
static int gojk_note_is_go(const char *at, size_t left)
{
    while (left >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
        size_t size = sizeof(*note) + ((note->n_namesz + 3u) & ~3u) + ((note->n_descsz + 3u) & ~3u);

        if (size > left)
            return 0;
        if (note->n_namesz == 4 && memcmp(at + sizeof(*note), "Go\0", 4) == 0)
            return 1;
        at += size;
        left -= size;
    }
    return 0;
}

// gojk_find_go is a dl_iterate_phdr callback: it stops at the first object written in Go that is not this library, and stores its name.
static int gojk_find_go(struct dl_phdr_info *info, size_t size, void *found)
{
    Dl_info self;
    int i;

    (void)size;
    if (dladdr((void *)gojk_find_go, &self) && (ElfW(Addr))self.dli_fbase == info->dlpi_addr)
        return 0;
    for (i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

        if (ph->p_type == PT_NOTE && gojk_note_is_go((const char *)(info->dlpi_addr + ph->p_vaddr), ph->p_memsz)) {
            *(const char **)found = info->dlpi_name;
            return 1;
        }
    }
    return 0;
}

static const char *gojk_other_go(void)
{
    const char *name = NULL;

    dl_iterate_phdr(gojk_find_go, &name);
    return name;
}
*/
import "C"

import (
	"fmt"

	"mod_gojk/module/internal/jklog"
)

// warnOfOtherRuntime says so when another library written in Go is loaded in this process: Go does not support two runtimes in one.
func warnOfOtherRuntime(h host) {
	if name := C.gojk_other_go(); name != nil {
		h.ErrorLog(jklog.Warn, fmt.Sprintf("another Go runtime is loaded in this process (%s); Go does not support two in one process (golang/go#65050): load only one such module id=GOJK0003", C.GoString(name)))
	}
}
