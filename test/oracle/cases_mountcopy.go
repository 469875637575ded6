package main

import (
	"fmt"
	"strings"
)

// copyWorkers are the workers of the cases about JkMountCopy; c also has a mount property, which counts for the main server only.
func copyWorkers() string { return list("a,b,c", ajp("a"), ajp("b"), ajp("c", "mount=/prop/*")) }

// Rules of the main server and of the virtual host in the cases about JkMountCopy. The pattern /same is in all of them, /pair in
// JkMount of both, /files in both files.
const (
	mainMounts  = "JkMount /main/* a\nJkMount /same a\nJkMount /pair a\nJkMount /bar|/* a\nJkUnMount /main/no a\n"
	vhostMounts = "JkMount /own/* b\nJkMount /same b\nJkMount /pair b\nJkMount /bar b\nJkUnMount /main/not-here a\n"
	mainRules   = "/file/*=a\n/same=a\n/files=a\n!/main/by-file=*\n"
	vhostRules  = "/own-file/*=b\n/same=b\n/files=b\n!/main/by-own-file=*\n"
	mainFile    = "JkMountFile main.properties\n"
	vhostFile   = "JkMountFile vhost.properties\n"
)

// severalServers is a virtual host for each text, on the second port and those that follow.
func severalServers(texts ...string) string {
	var b strings.Builder
	for i, text := range texts {
		fmt.Fprintf(&b, "<VirtualHost 127.0.0.1:${PORT%d}>\nServerName %s\n%s</VirtualHost>\n", i+2, host, text)
	}
	return b.String()
}

// mountCopyCases: which rules a virtual host has, by every way to have rules and to copy them.
func mountCopyCases() []Case {
	var cases []Case
	for _, c := range []struct{ name, main, vhost string }{
		{"file in main", mainFile, ""},
		{"file in main, On", mainFile, "JkMountCopy On\n"},
		{"file and mounts in main, On", mainFile + mainMounts, "JkMountCopy On\n"},
		{"file in main, mounts in vhost", mainFile, vhostMounts},
		// A rule of the file beats one of the vhost itself: it comes first among equals.
		{"file in main, mounts in vhost, On", mainFile, "JkMountCopy On\n" + vhostMounts},
		{"file and mounts in main, mounts in vhost, On", mainFile + mainMounts, "JkMountCopy On\n" + vhostMounts},
		// The vhost has a file of its own, so main's is not read for it, while main's mounts are copied.
		{"file and mounts in both, On", mainFile + mainMounts, "JkMountCopy On\n" + vhostFile + vhostMounts},
		{"file and mounts in both", mainFile + mainMounts, vhostFile + vhostMounts},
		{"file and mounts in both, Off", mainFile + mainMounts, "JkMountCopy Off\n" + vhostFile + vhostMounts},
		{"files in both, On", mainFile, "JkMountCopy On\n" + vhostFile},
		{"file in vhost only", "", vhostFile},
		{"file in vhost only, On", "", "JkMountCopy On\n" + vhostFile},
		{"mounts in main, file in vhost", mainMounts, vhostFile},
		{"mounts in main, file in vhost, On", mainMounts, "JkMountCopy On\n" + vhostFile},
		{"same file in both", mainFile, mainFile},
		{"same file in both, On", mainFile + mainMounts, mainFile + "JkMountCopy On\n"},
		{"mounts in both, On", mainMounts, "JkMountCopy On\n" + vhostMounts},
		{"mounts before On", mainMounts, vhostMounts + "JkMountCopy On\n"},
		{"nothing in main, On", "", "JkMountCopy On\n" + vhostMounts},
		// Without a rule of its own the vhost has main's map, with the rules of the mount property.
		{"nothing in vhost, On", "", "JkMountCopy On\n"},
		{"All", "JkMountCopy All\n" + mainFile + mainMounts, ""},
		{"All, behind the mounts", mainFile + mainMounts + "JkMountCopy All\n", ""},
		{"All, mounts in vhost", "JkMountCopy All\n" + mainFile + mainMounts, vhostMounts},
		{"All, file in vhost", "JkMountCopy All\n" + mainFile + mainMounts, vhostFile},
		{"All, another directive in vhost", "JkMountCopy All\n" + mainFile + mainMounts, "JkLogLevel warn\n"},
		{"All, Off in vhost", "JkMountCopy All\n" + mainFile + mainMounts, "JkMountCopy Off\n"},
		{"All, Off and mounts in vhost", "JkMountCopy All\n" + mainFile + mainMounts, "JkMountCopy Off\n" + vhostMounts},
		{"All, On in vhost", "JkMountCopy All\n" + mainFile + mainMounts, "JkMountCopy On\n" + vhostMounts},
		{"all in small letters", "jkmountcopy all\n" + mainMounts, vhostMounts},
		// On in the main server means nothing.
		{"On in main", "JkMountCopy On\n" + mainFile + mainMounts, vhostMounts},
		{"Off in main", "JkMountCopy Off\n" + mainFile + mainMounts, "JkMountCopy On\n" + vhostMounts},
		// All cannot be taken back.
		{"All, then On, in main", "JkMountCopy All\nJkMountCopy On\n" + mainMounts, vhostMounts},
		{"All, then Off, in main", "JkMountCopy All\nJkMountCopy Off\n" + mainMounts, vhostMounts},
		{"On, then Off, in vhost", mainMounts, "JkMountCopy On\nJkMountCopy Off\n" + vhostMounts},
		{"sections in main, On", "<Location /main/x>\nJkMount a\n</Location>\n<Location /main/no>\nJkUnMount a\n</Location>\n", "JkMountCopy On\n<Location /own/x>\nJkMount b\n</Location>\n"},
		{"sections in main, mounts of both kinds", mainMounts, "JkMountCopy On\nJkUnMount /main/* a\nJkUnMount /own/x b\n" + vhostMounts},
	} {
		cases = append(cases, Case{
			Name: "JkMountCopy/" + c.name, Containers: abc, Workers: copyWorkers(), Ports: 2, Config: vhosts(c.main, c.vhost),
			Beside: map[string]string{"main.properties": mainRules, "vhost.properties": vhostRules}, Steps: copySteps(),
		})
	}
	return append(cases, severalVhosts())
}

// copySteps ask for each kind of rule in both servers.
func copySteps() []Step {
	return onBothPorts("/main/x", "/main/no", "/main/by-file", "/main/by-own-file", "/main/not-here", "/own/x", "/file/x", "/own-file/x", "/same", "/pair", "/files", "/bar", "/bar/x", "/prop/x")
}

// severalVhosts are four virtual hosts with one main server.
func severalVhosts() Case {
	config := "JkMountCopy All\n" + mainMounts + mainFile +
		severalServers("", "JkMountCopy Off\n"+vhostMounts, vhostFile, "JkMount /main/x c\nJkUnMount /same a\n")
	var steps []Step
	for port, name := range []string{"main", "nothing", "off", "file", "other rules"} {
		for _, target := range []string{"/main/x", "/main/no", "/own/x", "/file/x", "/own-file/x", "/same", "/files", "/prop/x"} {
			steps = append(steps, Step{Name: name + " " + target, Port: port, Send: get(target)})
		}
	}
	return Case{
		Name: "JkMountCopy/several virtual hosts", Containers: abc, Workers: copyWorkers(), Ports: 5, Config: config, Steps: steps,
		Beside: map[string]string{"main.properties": mainRules, "vhost.properties": vhostRules},
	}
}
