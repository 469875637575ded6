// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package install tests what `make install` leaves behind.
package install
