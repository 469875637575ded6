// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package httpd tests the module in a real httpd: processes and their life, configuration, mapping, balancing over children, bodies, clients that fail,
// the status page. The containers behind it are scripted (package harness). GOJK_MPM chooses the process model: event (the default), worker or prefork;
// -short runs fewer rounds of what is repeated.
package httpd
