// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

var update = flag.Bool("update", false, "renew the copies of tables in the documents")

// documents are all Markdown files, by path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			found[name] = read(t, name)
		}
	}
	require.Greater(t, len(found), 8)
	return found
}

// read returns a file's text, by path from the root.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}

// sources are the project's files with that ending, by path from the root; without those that are built or belong to tools.
func sources(t *testing.T, ending string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if d.IsDir() && (name == "build" || name != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ending) {
			found = append(found, name)
		}
		return err
	})
	require.NoError(t, err)
	return found
}

var (
	link    = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
)

// anchor is the name that a heading gets, as GitHub makes it.
func anchor(title string) string {
	title = strings.ToLower(regexp.MustCompile("[^\\w\\- ]").ReplaceAllString(title, ""))
	return strings.ReplaceAll(title, " ", "-")
}

func anchors(text string) []string {
	var names []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		names = append(names, anchor(m[1]))
	}
	return names
}

// TestLinks_Resolve checks every relative link, to files and to headings.
func TestLinks_Resolve(t *testing.T) {
	all := documents(t)
	count := 0
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, part, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			count++
			path := name
			if target != "" {
				path = filepath.Join(filepath.Dir(name), target)
			}
			_, err := os.Stat(filepath.Join(root, path))
			require.NoError(t, err, "%s links to %s", name, m[1])
			if part != "" {
				require.True(t, slices.Contains(anchors(all[path]), part), "%s links to %s", name, m[1])
			}
		}
	}
	require.Greater(t, count, 30)
}

// TestPictures_AreWellFormed checks that each picture is XML, says what it shows, and is used.
func TestPictures_AreWellFormed(t *testing.T) {
	pictures := sources(t, ".svg")
	require.NotEmpty(t, pictures)
	used := ""
	for _, text := range documents(t) {
		used += text
	}
	for _, name := range pictures {
		text := read(t, name)
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
		}
		require.Contains(t, text, "<title", name)
		require.Contains(t, text, "<desc", name)
		require.Contains(t, used, filepath.Base(name))
	}
}

var (
	makeCommand = regexp.MustCompile("(?:^|[`\\s;&])make ([a-z][a-z-]*)")
	makeTarget  = regexp.MustCompile(`(?m)^([a-z-]+):.*## `)
)

// TestCommands_MakeTargetsExist checks each "make x" in a code block or code span.
func TestCommands_MakeTargetsExist(t *testing.T) {
	var targets []string
	for _, m := range makeTarget.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets = append(targets, m[1])
	}
	count := 0
	for name, text := range documents(t) {
		for _, m := range makeCommand.FindAllStringSubmatch(codeOf(text), -1) {
			count++
			require.True(t, slices.Contains(targets, m[1]), "%s: make %s", name, m[1])
		}
	}
	require.Greater(t, count, 10)
}

var codeSpan = regexp.MustCompile("`[^`\n]+`")

// codeOf is what stands in code blocks and code spans.
func codeOf(text string) string {
	var parts []string
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		parts = append(parts, m[2])
	}
	parts = append(parts, codeSpan.FindAllString(fence.ReplaceAllString(text, ""), -1)...)
	return strings.Join(parts, "\n")
}

var directive = regexp.MustCompile(`\bJk[A-Z]\w+\b`)

// TestWords_DirectivesExist checks each word that looks like a directive.
func TestWords_DirectivesExist(t *testing.T) {
	known := directive.FindAllString(read(t, "docs/directives.md"), -1)
	for name, text := range documents(t) {
		for _, word := range directive.FindAllString(text, -1) {
			if !strings.HasSuffix(word, "Indicator") {
				require.True(t, slices.Contains(known, word), "%s names %s", name, word)
			}
		}
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")

// TestWords_TestsExist checks each test that a document names.
func TestWords_TestsExist(t *testing.T) {
	var tests []string
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, name := range sources(t, "_test.go") {
		for _, m := range function.FindAllStringSubmatch(read(t, name), -1) {
			tests = append(tests, m[1])
		}
	}
	count := 0
	for name, text := range documents(t) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			count++
			require.True(t, slices.Contains(tests, m[1]), "%s names %s", name, m[1])
		}
	}
	require.Greater(t, count, 20)
}

// TestWords_CallsAreListed checks that the internals name every call over the boundary.
func TestWords_CallsAreListed(t *testing.T) {
	header, text := read(t, "mod_gojk.h"), read(t, "docs/internals.md")
	call := regexp.MustCompile(`(?m)^ +X\([^,]+, (\w+), `)
	for prefix, macro := range map[string]string{"gojk_host_": "GOJK_HOST_CALLS(X)", "gojk_go_": "GOJK_EXPORTS(X)"} {
		_, list, found := strings.Cut(header, "#define "+macro)
		require.True(t, found)
		list, _, _ = strings.Cut(list, "\n\n")
		calls := call.FindAllStringSubmatch(list, -1)
		require.NotEmpty(t, calls)
		for _, m := range calls {
			require.True(t, strings.Contains(text, "| `"+prefix+m[1]+"` |"), "docs/internals.md lacks %s%s", prefix, m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(gojk_(?:go|host)_(\\w+))`").FindAllStringSubmatch(text, -1) {
		require.True(t, strings.Contains(header, ", "+m[2]+", "), "%s is no call any more", m[1])
	}
}

// replaceBetween puts text between two marks of a document, each on a line of its own. With -update it writes the document, otherwise the
// document must be as it would be written.
func replaceBetween(t *testing.T, name, begin, end, text string) {
	t.Helper()
	before := read(t, name)
	head, rest, found := strings.Cut(before, begin+"\n")
	require.True(t, found, "%s has no %s", name, begin)
	_, tail, found := strings.Cut(rest, end+"\n")
	require.True(t, found, "%s has no %s", name, end)
	after := head + begin + "\n" + text + end + "\n" + tail
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(after), 0o644))
		return
	}
	require.Equal(t, lines(after), lines(before), "%s is out of date: go test ./test/docs -update", name)
}

func lines(text string) []string { return slices.Collect(strings.Lines(text)) }
