// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package docs tests the documents against the code: links lead somewhere, commands exist, and what is a copy of a table in the code is up to
// date. go test ./test/docs -update renews the copies; what a person has written beside them stays.
package docs
