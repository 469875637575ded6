package balancer

import (
	"fmt"
	"testing"

	"mod_gojk/balancer/shm/shmtest"
)

// instant is an Attempter that answers at once.
type instant struct{ b *Balancer }

func (a instant) Attempt(Try) Outcome { return Outcome{Kind: Success} }

func (a instant) Free(int) bool { return true }

func manyMembers(n int) []MemberConfig {
	var list []MemberConfig
	for i := range n {
		list = append(list, MemberConfig{Name: fmt.Sprintf("w%03d", i), LBFactor: 1 + i%3})
	}
	return list
}

func newBenchmark(b *testing.B, n int, method Method) *Balancer {
	b.Helper()
	config := newConfig(manyMembers(n))
	config.Method = method
	lb, err := New(config, shmtest.New(b))
	if err != nil {
		b.Fatal(err)
	}
	return lb
}

func BenchmarkChoose(b *testing.B) {
	for _, method := range []Method{Request, Busyness} {
		for _, n := range []int{1, 4, 16, 256} {
			b.Run(fmt.Sprint(method, "/", n), func(b *testing.B) {
				lb := newBenchmark(b, n, method)
				r := run{b: lb, v: lb.current(), states: make([]State, n)}
				b.ReportAllocs()
				for b.Loop() {
					r.copyStates()
					r.lookAtSession()
					i := r.choose()
					r.v.members[i].rec.Leave()
				}
			})
		}
	}
}

func BenchmarkServe(b *testing.B) {
	for _, n := range []int{1, 4, 16, 256} {
		b.Run(fmt.Sprint("new/", n), func(b *testing.B) {
			lb := newBenchmark(b, n, Request)
			a := &instant{lb}
			var q Query
			b.ReportAllocs()
			for b.Loop() {
				lb.Serve(&q, a)
			}
		})
		b.Run(fmt.Sprint("sticky/", n), func(b *testing.B) {
			lb := newBenchmark(b, n, Request)
			a := &instant{lb}
			var q Query
			b.ReportAllocs()
			for b.Loop() {
				q.Reset()
				q.Sessions.FromCookie("a=b; JSESSIONID=0123456789ABCDEF0123456789ABCDEF.w000; c=d", "JSESSIONID")
				lb.Serve(&q, a)
			}
		})
	}
}

func BenchmarkServeParallel(b *testing.B) {
	lb := newBenchmark(b, 4, Request)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		a := &instant{lb}
		var q Query
		for pb.Next() {
			lb.Serve(&q, a)
		}
	})
}

func BenchmarkSessions(b *testing.B) {
	b.Run("path", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var s Sessions
			s.FromPath("/app/a/b/c.jsp;jsessionid=0123456789ABCDEF0123456789ABCDEF.w000", ";jsessionid")
		}
	})
	b.Run("cookie", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var s Sessions
			s.FromCookie("a=b; JSESSIONID=0123456789ABCDEF0123456789ABCDEF.w000; c=d", "JSESSIONID")
		}
	})
}
