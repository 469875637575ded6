package harness

import (
	"embed"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"text/template"
)

//go:embed tomcat
var tomcatFiles embed.FS

var serverXML = template.Must(template.New("server.xml").
	Funcs(template.FuncMap{"attr": attr, "inc": func(i int) int { return i + 1 }}).
	ParseFS(tomcatFiles, "tomcat/server.xml"))

// attr escapes text for an XML attribute.
func attr(text string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(text))
	return b.String(), err
}

// tomcatHome is the installed Tomcat.
type tomcatHome struct {
	java     string // the program
	home     string // CATALINA_HOME
	compiler string // a jar with the Java compiler that Tomcat uses for JSP, so that no JDK is needed
}

// errMakeDeps ends every message about something that is not installed.
var errMakeDeps = errors.New("run \"make deps\" (Debian: apt install tomcat10)")

// discoverTomcat finds Java and Tomcat. CATALINA_HOME and JAVA_HOME in the environment override Debian's places.
var discoverTomcat = sync.OnceValues(func() (*tomcatHome, error) {
	h := &tomcatHome{home: os.Getenv("CATALINA_HOME")}
	if h.home == "" {
		h.home = "/usr/share/tomcat10"
	}
	java := "java"
	if dir := os.Getenv("JAVA_HOME"); dir != "" {
		java = filepath.Join(dir, "bin", "java")
	}
	var err error
	if h.java, err = exec.LookPath(java); err != nil {
		return nil, fmt.Errorf("harness: no Java: %w; %w", err, errMakeDeps)
	}
	if _, err = os.Stat(filepath.Join(h.home, "bin", "bootstrap.jar")); err != nil {
		return nil, fmt.Errorf("harness: no Tomcat: %w; %w", err, errMakeDeps)
	}
	h.compiler, err = firstFile("/usr/share/java/eclipse-jdt-core.jar", "/usr/share/java/ecj.jar", filepath.Join(h.home, "lib", "ecj-*.jar"))
	if err != nil {
		return nil, fmt.Errorf("harness: no compiler for JSP: %w; %w", err, errMakeDeps)
	}
	return h, nil
})

// CheckTomcat reports what is missing to start a Tomcat.
func CheckTomcat() error {
	_, err := discoverTomcat()
	return err
}

// firstFile returns the first file that one of the patterns matches.
func firstFile(patterns ...string) (string, error) {
	for _, pattern := range patterns {
		if files, err := filepath.Glob(pattern); err == nil && len(files) > 0 {
			return files[0], nil
		}
	}
	return "", fmt.Errorf("none of %q is there", patterns)
}

// command is Tomcat itself, without the scripts around it. Small and quick to start; nothing is written outside base
// (Java's performance data would be left in the temporary folder by a killed process).
func (h *tomcatHome) command(base string) *exec.Cmd {
	bin := filepath.Join(h.home, "bin")
	cmd := exec.Command(h.java,
		"-Xms64m", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
		"-XX:ErrorFile="+filepath.Join(base, "logs", "hs_err_%p.log"),
		"-Dorg.apache.catalina.startup.EXIT_ON_INIT_FAILURE=true", // a taken port ends it, instead of a Tomcat that nobody can reach
		"-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-Duser.language=en",
		"-Djava.util.logging.SimpleFormatter.format=%1$tT.%1$tL %4$s %3$s %5$s%6$s%n",
		"-Djava.io.tmpdir="+filepath.Join(base, "temp"), "-Dcatalina.home="+h.home, "-Dcatalina.base="+base,
		"-classpath", filepath.Join(bin, "bootstrap.jar")+":"+filepath.Join(bin, "tomcat-juli.jar"),
		"org.apache.catalina.startup.Bootstrap", "start")
	cmd.Dir = base
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=" + os.Getenv("TZ")}
	return cmd
}

// writeBase fills CATALINA_BASE.
func (t *Tomcat) writeBase() error {
	for _, dir := range []string{"conf", "logs", "temp", "work", "webapps"} {
		if err := os.MkdirAll(filepath.Join(t.Dir, dir), 0o755); err != nil {
			return err
		}
	}
	var server strings.Builder
	if err := serverXML.Execute(&server, t.opts); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(t.Dir, "conf", "server.xml"), []byte(server.String()), 0o600); err != nil {
		return err
	}
	web, err := tomcatFiles.ReadFile("tomcat/web.xml")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.Dir, "conf", "web.xml"), web, 0o644)
}

// CompileWebapp compiles the Java sources in WEB-INF/src of a web application's folder to WEB-INF/classes.
func CompileWebapp(dir string) error {
	h, err := discoverTomcat()
	if err != nil {
		return err
	}
	jars, err := filepath.Glob(filepath.Join(h.home, "lib", "*.jar"))
	if err != nil {
		return err
	}
	inf := filepath.Join(dir, "WEB-INF")
	out, err := exec.Command(h.java, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", h.compiler,
		"org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-proc:none", "-warn:none", "-encoding", "UTF-8",
		"-cp", strings.Join(jars, ":"), "-d", filepath.Join(inf, "classes"), filepath.Join(inf, "src")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("harness: compile %s: %w\n%s", dir, err, out)
	}
	return nil
}

// LastLines returns the last n lines of a text.
func LastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
