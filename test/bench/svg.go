// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// chart is a picture of horizontal bars in groups. It has a page of its own colour, so it reads the same on light and on dark.
type chart struct {
	title, description string
	axis               string // what the axis shows, with the unit
	log                bool   // logarithmic: dots instead of bars, values above 0 only
	mark               mark   // a line through all rows; zero: none
	groups             []barGroup
	legend             []legendEntry
}

// mark is a vertical line.
type mark struct {
	at   float64
	text string
}

type barGroup struct {
	title string // empty: no heading
	bars  []bar
}

// bar is a row: segments one after the other, a whisker from low to high, and where the target lies.
type bar struct {
	label     string
	segments  []segment
	low, high float64 // equal: no whisker
	target    float64 // 0: none
	least     bool    // the target is to be reached, not to be kept below
	text      string  // behind the bar
}

// segment is a part of a bar. class is one of the style's.
type segment struct {
	value float64
	class string
}

type legendEntry struct{ class, text string }

// The classes of segments, by who they belong to.
var classOf = map[string]string{gojk: "gojk", jk: "jk", proxyAJP: "ajp", proxyHTTP: "http", floor: "floor"}

// Measures of a chart, in pixels.
const (
	chartWidth  = 940
	labelWidth  = 310 // left of the axis
	textWidth   = 170 // right of it
	rowHeight   = 22
	groupHeight = 30
	headHeight  = 56
	footHeight  = 76
	barHeight   = 14
)

const chartStyle = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; fill: #1f2937; }
    .h { font-weight: 600; } .t { font-size: 16px; font-weight: 600; } .s { font-size: 12px; fill: #4b5563; } .e { text-anchor: end; } .m { text-anchor: middle; }
    .page { fill: #ffffff; stroke: #d5dbe3; } .grid { stroke: #e3e7ed; } .axis { stroke: #475569; } .mark { stroke: #475569; stroke-dasharray: 4 3; }
    .whisker { stroke: #111827; stroke-width: 1.4; } .target { stroke: #b42318; stroke-width: 3; }
    .gojk { fill: #2f6fd0; } .jk { fill: #98a2b3; } .ajp { fill: #d39b3a; } .http { fill: #6fa287; } .floor { fill: #cdd3dc; }
`

// scale maps values to pixels.
type scale struct {
	low, high float64
	log       bool
}

// x is where a value lies.
func (s scale) x(v float64) float64 {
	width := float64(chartWidth - labelWidth - textWidth)
	v = min(max(v, s.low), s.high)
	part := (v - s.low) / (s.high - s.low)
	if s.log {
		part = (math.Log(v) - math.Log(s.low)) / (math.Log(s.high) - math.Log(s.low))
	}
	return labelWidth + part*width
}

// ticks are round numbers along the axis: some six on a linear one; 1, 2 and 5 of each power of ten on a logarithmic one.
func (s scale) ticks() []float64 {
	var all []float64
	if s.log {
		for power := math.Pow(10, math.Floor(math.Log10(s.low))); power <= s.high; power *= 10 {
			for _, n := range []float64{1, 2, 5} {
				if v := n * power; v >= s.low*0.999 && v <= s.high*1.001 {
					all = append(all, v)
				}
			}
		}
		return all
	}
	step := roundUp((s.high - s.low) / 7)
	for i := 0.0; s.low+i*step <= s.high*1.0001; i++ {
		all = append(all, s.low+i*step)
	}
	return all
}

// roundUp returns the next of 1, 2 and 5 times a power of ten.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if v <= n*power*1.0001 {
			return n * power
		}
	}
	return 10 * power
}

// scale fits everything that the chart shows.
func (c *chart) scale() scale {
	low, high := math.Inf(1), c.mark.at
	for _, g := range c.groups {
		for _, b := range g.bars {
			total := b.total()
			if total > 0 {
				low = min(low, total)
			}
			if b.low > 0 {
				low = min(low, b.low)
			}
			high = max(high, total, b.high, b.target)
		}
	}
	if high <= 0 || math.IsInf(low, 1) {
		return scale{low: 0, high: 1}
	}
	if c.log {
		return scale{low: low / 1.3, high: high * 1.3, log: true}
	}
	step := roundUp(high / 7)
	return scale{low: 0, high: math.Ceil(high/step) * step}
}

func (b *bar) total() float64 {
	sum := 0.0
	for _, s := range b.segments {
		sum += s.value
	}
	return sum
}

// height is that of the whole picture.
func (c *chart) height() int {
	h := headHeight + footHeight
	for _, g := range c.groups {
		if g.title != "" {
			h += groupHeight
		}
		h += len(g.bars) * rowHeight
	}
	return h
}

// render draws the picture.
func (c *chart) render() string {
	var b strings.Builder
	s, height := c.scale(), c.height()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n", chartWidth, height, chartWidth, height)
	fmt.Fprintf(&b, "  <title id=\"t\">%s</title>\n  <desc id=\"d\">%s</desc>\n  <style>%s  </style>\n", escape(c.title), escape(c.description), chartStyle)
	fmt.Fprintf(&b, `  <rect class="page" x="1" y="1" width="%d" height="%d" rx="6"/>`+"\n", chartWidth-2, height-2)
	text(&b, "t", 20, 30, c.title)
	c.drawAxis(&b, s, height-footHeight)
	y := headHeight
	for _, g := range c.groups {
		if g.title != "" {
			text(&b, "h", 20, float64(y)+20, g.title)
			y += groupHeight
		}
		for i := range g.bars {
			g.bars[i].draw(&b, s, float64(y))
			y += rowHeight
		}
	}
	c.drawLegend(&b, height-18)
	b.WriteString("</svg>\n")
	return b.String()
}

// drawAxis draws grid, numbers and the mark; bottom is where the rows end.
func (c *chart) drawAxis(b *strings.Builder, s scale, bottom int) {
	line := func(class string, v float64) {
		fmt.Fprintf(b, `  <path class="%s" d="M%.1f %dV%d"/>`+"\n", class, s.x(v), headHeight-6, bottom+4)
	}
	for _, v := range s.ticks() {
		line("grid", v)
		text(b, "s m", s.x(v), float64(bottom)+20, fmt.Sprintf("%g", math.Round(v*1e6)/1e6))
	}
	fmt.Fprintf(b, `  <path class="axis" d="M%d %dH%d"/>`+"\n", labelWidth, bottom+4, chartWidth-textWidth)
	text(b, "s m", (labelWidth+chartWidth-textWidth)/2, float64(bottom)+38, c.axis)
	if c.mark.at > 0 {
		line("mark", c.mark.at)
		text(b, "s m", s.x(c.mark.at), headHeight-10, c.mark.text)
	}
}

func (b *bar) draw(out *strings.Builder, s scale, y float64) {
	text(out, "e", labelWidth-10, y+15, b.label)
	at, end := 0.0, s.x(s.low)
	for _, part := range b.segments {
		from := s.x(at)
		at += part.value
		end = s.x(at)
		if s.log {
			fmt.Fprintf(out, `  <circle class="%s" cx="%.1f" cy="%.1f" r="6"/>`+"\n", part.class, end, y+11)
			continue
		}
		fmt.Fprintf(out, `  <rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%d"/>`+"\n", part.class, from, y+4, max(end-from, 0), barHeight)
	}
	if b.high > b.low {
		end = max(end, s.x(b.high))
		fmt.Fprintf(out, `  <path class="whisker" d="M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6"/>`+"\n", s.x(b.low), y+11, s.x(b.high), s.x(b.low), y+8, s.x(b.high), y+8)
	}
	if b.target > 0 {
		end = max(end, s.x(b.target))
		fmt.Fprintf(out, `  <path class="target" d="M%.1f %.1fv18"/>`+"\n", s.x(b.target), y+2)
	}
	text(out, "s", end+8, y+15, b.text)
}

func (c *chart) drawLegend(b *strings.Builder, y int) {
	x := 20.0
	for _, e := range c.legend {
		switch e.class {
		case "target":
			fmt.Fprintf(b, `  <path class="target" d="M%.1f %dv14"/>`+"\n", x+6, y-11)
		case "whisker":
			fmt.Fprintf(b, `  <path class="whisker" d="M%.1f %dh12M%.1f %dv6M%.1f %dv6"/>`+"\n", x, y-4, x, y-7, x+12, y-7)
		default:
			fmt.Fprintf(b, `  <rect class="%s" x="%.1f" y="%d" width="12" height="12"/>`+"\n", e.class, x, y-10)
		}
		text(b, "s", x+18, float64(y), e.text)
		x += 34 + 6.4*float64(len(e.text))
	}
}

func text(b *strings.Builder, class string, x, y float64, words string) {
	if words != "" {
		fmt.Fprintf(b, `  <text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, x, y, escape(words))
	}
}

func escape(words string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(words)) // to memory, it does not fail
	return b.String()
}
