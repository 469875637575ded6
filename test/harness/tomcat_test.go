package harness

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const orphanDir = "GOJK_TEST_ORPHAN_DIR"

func TestTomcat_Life(t *testing.T) {
	ports, err := ServicePorts(2)
	require.NoError(t, err)
	socket := filepath.Join(t.TempDir(), "ajp.sock")
	tc, err := StartTomcat(TomcatOptions{
		Name:       "worker1",
		Connectors: []Connector{{Port: ports[0]}, {Port: ports[1], Secret: `s"<&>`}, {Socket: socket}},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, tc.Stop()) }()

	for i, c := range tc.opts.Connectors {
		require.NoError(t, c.Ping(), i)
		status, _, err := c.Get("/nothing?here=1")
		require.NoError(t, err, i)
		require.Equal(t, 404, status, i)
	}
	status, _, err := Connector{Port: ports[1], Secret: "wrong"}.Get("/")
	require.NoError(t, err)
	require.Equal(t, 403, status)

	first := tc.Pid()
	require.NoError(t, tc.Kill())
	require.False(t, tc.Running())
	require.Error(t, tc.Kill(), "nothing to kill")
	require.Error(t, tc.opts.Connectors[0].Ping())
	require.NoError(t, tc.Start())
	require.NotEqual(t, first, tc.Pid())
	require.Equal(t, 2, strings.Count(tc.Log(), "Server startup in"))

	pid, dir := tc.Pid(), tc.Dir
	require.NoError(t, tc.Stop())
	require.NoFileExists(t, procFile(pid, "stat"))
	require.NoDirExists(t, dir)
	require.NoError(t, tc.Stop(), "a second Stop")
}

// A Tomcat does not outlive the program that started it, however that ends.
func TestTomcat_DiesWithItsStarter(t *testing.T) {
	if dir := os.Getenv(orphanDir); dir != "" {
		startAndWait(dir)
	}
	starter := exec.Command(os.Args[0], "-test.run=^TestTomcat_DiesWithItsStarter$")
	starter.Env = append(os.Environ(), orphanDir+"="+t.TempDir())
	starter.Stderr = os.Stderr
	out, err := starter.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, starter.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	require.FileExists(t, procFile(pid, "stat"))

	require.NoError(t, starter.Process.Kill())
	require.Error(t, starter.Wait())
	require.Eventually(t, func() bool {
		s, err := readStat(pid)
		return err != nil || s.state == 'Z'
	}, 10*time.Second, pollInterval)
}

// startAndWait is the program that is killed: it starts a Tomcat, prints its pid and waits.
func startAndWait(dir string) {
	ports, err := ServicePorts(1)
	if err == nil {
		var tc *Tomcat
		tc, err = StartTomcat(TomcatOptions{Name: "orphan", Connectors: []Connector{{Port: ports[0]}}, Dir: dir})
		if err == nil {
			fmt.Println(tc.Pid())
			select {}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A Tomcat whose port is taken ends, and that is said at once with its log.
func TestTomcat_EndsWhileStarting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = StartTomcat(TomcatOptions{Name: "worker1", Connectors: []Connector{{Port: port}}})
	require.ErrorContains(t, err, "ended while starting")
	require.ErrorContains(t, err, "Address already in use")
}

func TestServerXML(t *testing.T) {
	tests := []struct {
		name string
		opts TomcatOptions
		want []string
		not  []string
	}{
		{
			name: "alone", opts: TomcatOptions{Name: "a", Connectors: []Connector{{Port: 8009}}},
			want: []string{`jvmRoute="a"`, `port="8009"`, `secretRequired="false"`}, not: []string{"Cluster", "Context", "unixDomainSocketPath"},
		},
		{
			name: "secret is escaped", opts: TomcatOptions{Connectors: []Connector{{Port: 1, Secret: `a"&<b`}}},
			want: []string{`secret="a&#34;&amp;&lt;b"`}, not: []string{"secretRequired"},
		},
		{
			name: "cluster", opts: TomcatOptions{Name: "b", Connectors: []Connector{{Socket: "/x"}}, Cluster: &Cluster{Ports: []int{11, 12}, Self: 1, SendOptions: 8}},
			want: []string{`channelSendOptions="8"`, `LocalMember className="org.apache.catalina.tribes.membership.StaticMember" port="12"`, `,2}"`, `unixDomainSocketPath="/x"`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, serverXML.Execute(&b, tt.opts))
			for _, want := range tt.want {
				require.Contains(t, b.String(), want)
			}
			for _, not := range tt.not {
				require.NotContains(t, b.String(), not)
			}
			requireWellFormed(t, b.String())
		})
	}
}

func requireWellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestServicePorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port

	ports, err := ServicePorts(3, taken)
	require.NoError(t, err)
	require.Len(t, ports, 3)
	require.NotContains(t, ports, taken)
	for _, port := range ports {
		require.Less(t, port, ephemeralPorts())
	}
	again, err := ServicePorts(2, ports[1])
	require.NoError(t, err)
	require.Equal(t, ports[1], again[0], "preferred and free")
	require.NotEqual(t, again[0], again[1])
}
