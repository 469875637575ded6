// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"errors"
	"io/fs"
	"os"

	"mod_gojk/test/harness"
)

const (
	appPath = "/app"
	jspPath = appPath + "/counter.jsp"
)

// tomcat is a real Tomcat with the application of the benchmark.
type tomcat struct {
	*harness.Tomcat
	ajp, http int // ports
	app       string
}

// startTomcat returns the Tomcat, started on its first use.
func (r *rig) startTomcat() (*tomcat, error) {
	if r.tomcat != nil {
		return r.tomcat, nil
	}
	ports, err := harness.ServicePorts(2)
	if err != nil {
		return nil, err
	}
	t := &tomcat{ajp: ports[0], http: ports[1]}
	if t.app, err = os.MkdirTemp("", "gojk-bench-app-"); err != nil {
		return nil, err
	}
	app, err := fs.Sub(sources, "webapp")
	if err == nil {
		err = os.CopyFS(t.app, app)
	}
	if err == nil {
		t.Tomcat, err = harness.StartTomcat(harness.TomcatOptions{
			Name: memberName(0), Connectors: []harness.Connector{{Port: t.ajp}}, HTTPPort: t.http, Threads: 200,
			Apps: []harness.App{{Path: appPath, DocBase: t.app}}, ReadyPath: jspPath,
		})
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(t.app))
	}
	r.tomcat = t
	return t, nil
}

// close ends it.
func (t *tomcat) close() error { return errors.Join(t.Stop(), os.RemoveAll(t.app)) }
