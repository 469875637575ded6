package demo;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * BodyServlet moves bodies. POST sends back what it is sent, with Content-Length when the request had one. GET sends as many
 * bytes as ?bytes=N says, byte i being i modulo 251, in pieces, with Content-Length unless ?chunked=1.
 */
public class BodyServlet extends MemberServlet {
    private static final long serialVersionUID = 1;
    private static final int PIECE = 20_000;
    private static final int PERIOD = 251;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("application/octet-stream");
        response.setHeader("X-Member", member());
        response.setHeader("X-Request-Length", String.valueOf(request.getContentLengthLong()));
        try (InputStream in = request.getInputStream(); OutputStream out = response.getOutputStream()) {
            in.transferTo(out);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        long bytes = Long.parseLong(request.getParameter("bytes"));
        response.setContentType("application/octet-stream");
        response.setHeader("X-Member", member());
        if (request.getParameter("chunked") == null) {
            response.setContentLengthLong(bytes);
        }
        byte[] piece = new byte[PIECE];
        OutputStream out = response.getOutputStream();
        for (long at = 0; at < bytes; at += PIECE) {
            for (int i = 0; i < PIECE; i++) {
                piece[i] = (byte) ((at + i) % PERIOD);
            }
            out.write(piece, 0, (int) Math.min(PIECE, bytes - at));
        }
    }
}
