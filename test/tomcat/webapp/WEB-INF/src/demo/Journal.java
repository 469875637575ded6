package demo;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Journal is what a session remembers, the attribute that the cluster replicates. It never changes: a visit makes a new one,
 * which is set into the session again, because Tomcat replicates what setAttribute was called for.
 *
 * @param count how many visits the session has seen
 * @param visits the latest visits, oldest first, at most {@link #VISITS}
 * @param moves the latest changes from one member to another, oldest first, at most {@link #MOVES}
 */
public record Journal(int count, List<Visit> visits, List<Move> moves) implements Serializable {
    /** ATTRIBUTE is the name in the session. */
    public static final String ATTRIBUTE = "journal";

    private static final int VISITS = 60;
    private static final int MOVES = 8;

    /** EMPTY is a session nobody has visited. */
    public static final Journal EMPTY = new Journal(0, List.of(), List.of());

    /** Visit is one visit: its number in the session, who served it, and when (milliseconds since 1970). */
    public record Visit(int number, String member, long at) implements Serializable {}

    /** Move is a session's change of member, seen at the visit with that number. */
    public record Move(int number, String from, String to, long at) implements Serializable {}

    /** visit returns the journal with one visit more. */
    public Journal visit(String member, long at) {
        Visit visit = new Visit(count + 1, member, at);
        List<Move> moves = this.moves;
        if (!visits.isEmpty()) {
            String last = visits.get(visits.size() - 1).member();
            if (!last.equals(member)) {
                moves = append(moves, new Move(visit.number(), last, member, at), MOVES);
            }
        }
        return new Journal(visit.number(), append(visits, visit, VISITS), moves);
    }

    /** moveAt returns the move that happened at the visit with that number, null if there was none. */
    public Move moveAt(int number) {
        for (Move move : moves) {
            if (move.number() == number) {
                return move;
            }
        }
        return null;
    }

    /** lastMove returns the latest move, null if there was none. */
    public Move lastMove() {
        return moves.isEmpty() ? null : moves.get(moves.size() - 1);
    }

    private static <T> List<T> append(List<T> list, T item, int limit) {
        List<T> longer = new ArrayList<>(list);
        longer.add(item);
        return List.copyOf(longer.subList(Math.max(0, longer.size() - limit), longer.size()));
    }
}
