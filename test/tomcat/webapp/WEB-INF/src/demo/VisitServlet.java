package demo;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** VisitServlet counts the visits of a session and shows who served them. POST to /new ends the session. */
public class VisitServlet extends MemberServlet {
    private static final long serialVersionUID = 1;

    private transient Page page;

    @Override
    public void init() {
        page = new Page(getServletContext());
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getServletPath().equals("/new")) {
            response.sendRedirect(response.encodeRedirectURL(request.getContextPath() + "/"));
            return;
        }
        HttpSession session = request.getSession();
        Journal journal = visit(session);
        response.setHeader("Cache-Control", "no-store");
        if ("text".equals(request.getParameter("format"))) {
            writeFacts(response, facts(session, journal));
            return;
        }
        page.write(request, response, member(), journal);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", request.getContextPath() + "/");
    }

    /** visit counts one visit. One lock for all sessions: requests of one session may come at the same time. */
    private synchronized Journal visit(HttpSession session) {
        Journal journal = (Journal) session.getAttribute(Journal.ATTRIBUTE);
        if (journal == null) {
            journal = Journal.EMPTY;
        }
        journal = journal.visit(member(), System.currentTimeMillis());
        session.setAttribute(Journal.ATTRIBUTE, journal);
        return journal;
    }

    private Map<String, Object> facts(HttpSession session, Journal journal) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("member", member());
        facts.put("pid", ProcessHandle.current().pid());
        facts.put("session", session.getId());
        facts.put("route", Page.route(session.getId()));
        facts.put("new", session.isNew());
        facts.put("count", journal.count());
        Journal.Move move = journal.lastMove();
        if (move != null) {
            facts.put("moved_from", move.from());
            facts.put("moved_to", move.to());
            facts.put("moved_at_visit", move.number());
            facts.put("moved_at", Page.stamp(move.at()));
        }
        return facts;
    }
}
