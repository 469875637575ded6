package demo;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Page renders WEB-INF/page.html: every {{name}} in it becomes the value of that name. */
final class Page {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ISO_OFFSET_DATE_TIME.withZone(ZoneId.systemDefault());

    /** HUES are the colours of members 1, 2, 3..., in degrees of OKLCH. */
    private static final int[] HUES = {190, 45, 300, 5, 250, 135};

    private final String template;

    Page(ServletContext context) {
        try (InputStream in = context.getResourceAsStream("/WEB-INF/page.html")) {
            template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** write answers with the page. ?every=N makes the browser visit again after N seconds, 1 to 60. */
    void write(HttpServletRequest request, HttpServletResponse response, String member, Journal journal) throws IOException {
        HttpSession session = request.getSession();
        String home = request.getContextPath() + "/";
        int every = every(request);
        Map<String, String> values = new HashMap<>();
        values.put("member", escape(member));
        values.put("hue", String.valueOf(hue(member)));
        values.put("count", String.valueOf(journal.count()));
        values.put("visits", journal.count() == 1 ? "visit" : "visits");
        values.put("stem", escape(stem(session.getId())));
        values.put("route", escape(route(session.getId())));
        values.put("began", CLOCK.format(Instant.ofEpochMilli(session.getCreationTime())));
        values.put("now", CLOCK.format(Instant.now()));
        values.put("pid", String.valueOf(ProcessHandle.current().pid()));
        values.put("server", escape(request.getServletContext().getServerInfo()));
        values.put("moved", moved(journal));
        values.put("history", history(journal));
        values.put("home", escape(response.encodeURL(home)));
        values.put("new", escape(response.encodeURL(home + "new")));
        values.put("refresh", every > 0 ? "<meta http-equiv=\"refresh\" content=\"" + every + "\">" : "");
        values.put("toggle", escape(response.encodeURL(every > 0 ? home : home + "?every=1")));
        values.put("toggle_text", every > 0 ? "Stop visiting" : "Visit every second");
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().print(fill(values));
    }

    private String fill(Map<String, String> values) {
        return PLACE.matcher(template).replaceAll(m -> Matcher.quoteReplacement(values.getOrDefault(m.group(1), "")));
    }

    private static String moved(Journal journal) {
        Journal.Move move = journal.lastMove();
        if (move == null) {
            return "";
        }
        return """
            <section class="moved" role="status">
              <span class="sign" aria-hidden="true">&#8644;</span>
              <div><strong>Failed over at %s, with visit %d</strong>
              <p>%s served this session before; %s took it over. The session and its counter went on.</p></div>
            </section>
            """.formatted(CLOCK.format(Instant.ofEpochMilli(move.at())), move.number(), name(move.from()), name(move.to()));
    }

    private static String history(Journal journal) {
        StringBuilder strip = new StringBuilder();
        for (Journal.Visit visit : journal.visits()) {
            String at = CLOCK.format(Instant.ofEpochMilli(visit.at()));
            Journal.Move move = journal.moveAt(visit.number());
            if (move != null) {
                strip.append("<li class=\"move\">&#8644; ").append(at).append("</li>\n");
            }
            strip.append("<li class=\"visit\" style=\"--hue:").append(hue(visit.member())).append("\" title=\"visit ")
                .append(visit.number()).append(", ").append(escape(visit.member())).append(", ").append(at).append("\">")
                .append(visit.number()).append("</li>\n");
        }
        return strip.toString();
    }

    private static String name(String member) {
        return "<b class=\"name\" style=\"--hue:" + hue(member) + "\">" + escape(member) + "</b>";
    }

    /** hue is the member's colour: by the number its name ends in, otherwise by its letters. */
    private static int hue(String member) {
        String digits = member.replaceAll("^.*?(\\d*)$", "$1");
        int number = digits.isEmpty() || digits.length() > 4 ? member.hashCode() : Integer.parseInt(digits) - 1;
        return HUES[Math.floorMod(number, HUES.length)];
    }

    private static int every(HttpServletRequest request) {
        String every = request.getParameter("every");
        if (every == null || !every.matches("[1-9]|[1-5][0-9]|60")) {
            return 0;
        }
        return Integer.parseInt(every);
    }

    /** route is what follows the first dot of a session id, empty if there is none. */
    static String route(String id) {
        int dot = id.indexOf('.');
        return dot < 0 ? "" : id.substring(dot + 1);
    }

    /** stem is what precedes the first dot of a session id. */
    private static String stem(String id) {
        int dot = id.indexOf('.');
        return dot < 0 ? id : id.substring(0, dot);
    }

    /** stamp is a time as ISO 8601 with the offset from UTC. */
    static String stamp(long at) {
        return STAMP.format(Instant.ofEpochMilli(at));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
