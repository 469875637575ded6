// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"maps"
	"strings"
)

// workers makes the workers of worker.list and the members of their balancers.
func (l *loader) workers() {
	global := newReader(l.store, workerPrefix, OnGlobal)
	l.maintain(global)
	_, list := global.find("list")
	at := position{}
	if list != nil {
		at = list.at
	} else if l.store.defined(workerPrefix) {
		l.report.add(idNoList, at, "'worker.list' is not set", "worker.list=<name>,<name>", "the list 'ajp13' is used")
	}
	names := global.list("list")
	if len(names) == 0 {
		l.report.add(idNoList, at, list.show()+" names no worker", "worker.list=<name>,<name>", "no URI can be mapped")
	}
	for _, name := range names {
		if w, known := l.byName[name]; known {
			l.reportTwice(w, name, "worker.list", at)
			continue
		}
		if w := l.worker(name, at, list != nil); w != nil {
			w.Listed = true
		}
	}
	for i := 0; i < len(l.config.Workers); i++ { // members are appended while this runs
		if w := l.config.Workers[i]; w.Type == TypeLB {
			l.members(w)
		}
	}
	l.checkNames()
}

func (l *loader) reportTwice(w *Worker, name, list string, at position) {
	if w != nil {
		l.report.add(idTwiceInList, at, quote(name)+" is twice in '"+list+"'", "", "the second one is ignored")
	}
}

func (l *loader) maintain(global *reader) {
	l.config.Maintain = global.duration("maintain")
	if _, p := global.find("maintain"); p != nil && l.config.Maintain == 0 {
		l.report.add(idMaintainOff, p.at, p.show()+" switches maintenance off", "seconds, at least 1; the default is 60",
			"idle connections stay open, and members in error stay in error")
	}
}

// worker makes the worker of that name, which a list at that position mentions, and reads its properties, but for the
// members of a balancer. It returns nil if that is impossible. written is false for a list that is a default.
func (l *loader) worker(name string, at position, written bool) *Worker {
	l.byName[name] = nil
	if len(name) > NameMax {
		l.report.add(idTooLong, at, fmt.Sprintf("Worker name %s is %d bytes too long", quote(name), len(name)-NameMax),
			fmt.Sprintf("a maximum of %d bytes is supported", NameMax), "httpd does not start")
		return nil
	}
	prefix := workerPrefix + name + "."
	if written && !l.store.defined(prefix) {
		l.report.add(idUndefined, at, "nothing is defined for worker "+quote(name), "'"+prefix+"<attribute>=value'", "it is an ajp13 worker at localhost:8009")
	}
	kind, ok := l.typeOf(name, prefix)
	if !ok {
		return nil
	}
	w := &Worker{Index: len(l.config.Workers), Name: name, Type: kind}
	l.config.Workers = append(l.config.Workers, w)
	l.byName[name] = w
	l.settings(w, prefix)
	return w
}

// settings reads the properties of w.
func (l *loader) settings(w *Worker, prefix string) {
	r := newReader(l.store, prefix, on(w.Type))
	switch w.Type {
	case TypeAJP:
		w.AJP = r.ajp(w.Name, l.config.Threads)
	case TypeLB:
		w.LB = r.lb()
	case TypeStatus:
		w.Status = r.status()
	}
	if l.reads[w.Type] == nil {
		l.reads[w.Type] = map[string]bool{}
	}
	maps.Copy(l.reads[w.Type], r.read)
	l.misplaced(w, prefix)
}

// typeOf reads the type of a worker.
func (l *loader) typeOf(name, prefix string) (Type, bool) {
	_, p := newReader(l.store, prefix, OnAll).find("type")
	if p == nil {
		return TypeAJP, true
	}
	switch p.value {
	case "ajp13":
		return TypeAJP, true
	case "lb":
		return TypeLB, true
	case "status":
		return TypeStatus, true
	case "ajp12", "ajp14", "jni":
		l.report.add(idRemovedType, p.at, fmt.Sprintf("worker %s has the type %s, which does not exist any more", quote(name), quote(p.value)),
			"type=ajp13, with an AJP/1.3 connector in Tomcat", "httpd does not start")
	default:
		l.report.add(idUnknownType, p.at, fmt.Sprintf("worker %s has an unknown type: %s", quote(name), p.show()), "ajp13, lb, status", "httpd does not start")
	}
	return 0, false
}

// misplaced reports properties of w, written for it and not inherited, that its type does not have.
func (l *loader) misplaced(w *Worker, prefix string) {
	for _, p := range l.store.settings {
		name, ok := strings.CutPrefix(p.name, prefix)
		if !ok || p.inherited() || strings.Contains(name, ".") {
			continue
		}
		switch row := attributeOf(name, on(w.Type)); {
		case row == nil:
			l.report.add(idWrongType, p.at, quoteName(p.name)+" is no attribute of a worker of type "+w.Type.String(), "", "it is ignored")
		case row.Kind == KindIgnored && row.Deprecated == "":
			l.report.add(idNoEffect, p.at, quoteName(p.name)+" has no effect", "'secret' for the secret of an AJP/1.3 connector", "it is ignored")
		}
	}
}

// attributeOf returns the row of a name or alias that a worker of these types has, nil if there is none.
func attributeOf(name string, types Types) *Property {
	for i := range Properties {
		p := &Properties[i]
		if p.Types&types == 0 {
			continue
		}
		if p.Name == name {
			return p
		}
		for _, alias := range p.Aliases {
			if alias == name {
				return p
			}
		}
	}
	return nil
}
