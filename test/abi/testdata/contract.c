/* Licensed under the Apache License, Version 2.0; see LICENSE. */

/*
 * The contract: what cgo generated for the library (libgojk.h) is what mod_gojk.h promises, call by call, const included.
 * Compiled with -Werror by TestContract; never run.
 */
#include "mod_gojk.h"

#include "libgojk.h"

#define GOJK_SAME(ret, name, params) ret(*const gojk_contract_##name) params = gojk_go_##name;
GOJK_EXPORTS(GOJK_SAME)
