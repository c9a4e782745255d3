using Attune.Tensors.Kernels.Attention;

namespace Attune.Tensors.Ops;

/// <summary>What must hold between the arguments of attention, and the sizes that follow from them.</summary>
internal static class AttentionRules
{
    public static void Check(
        string operation, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        CheckHeads(operation, "q", q, queries.Rows);
        CheckHeads(operation, "k", k, keys.Rows);
        CheckHeads(operation, "v", v, keys.Rows);
        if (q.Count != k.Count || q.Count != v.Count)
            throw new ArgumentException($"{operation}: queries, keys and values must have equally many heads; they have {q.Count}, {k.Count} and {v.Count}.");
        if (q.Width != k.Width)
            throw new ArgumentException($"{operation}: heads of queries and keys must be equally wide; they have {q.Width} and {k.Width} columns.");
        if (queries.Count != keys.Count)
            throw new ArgumentException($"{operation}: there are {queries.Count} sequences of queries but {keys.Count} of keys.", nameof(keys));
        if (keys.MaxLength >= AttentionDropout.MostKeys)
            throw new ArgumentException($"{operation}: a sequence of {keys.MaxLength} keys is too long; the limit is {AttentionDropout.MostKeys - 1}.", nameof(keys));
        CheckOverlap(operation, "q", q, "k", k, queries == keys);
        CheckOverlap(operation, "q", q, "v", v, queries == keys);
        CheckOverlap(operation, "k", k, "v", v, true);
        if (options.Window is <= 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.Window, $"{operation}: the window must be at least 1.");
        if (options.CausalOffset is < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.CausalOffset, $"{operation}: the causal offset cannot be negative.");
        if (!options.KeyMask.IsEmpty && options.KeyMask.Length != keys.Rows)
            throw new ArgumentException($"{operation}: the key mask must have one value for each of {keys.Rows} key rows; it has {options.KeyMask.Length}.", nameof(options));
        if (!options.UniformQueries.IsEmpty && options.UniformQueries.Length != queries.Rows)
            throw new ArgumentException($"{operation}: uniform queries must have one value for each of {queries.Rows} query rows; there are {options.UniformQueries.Length}.", nameof(options));
        if (options.Bias is { } bias)
            CheckBias(operation, bias.Shape, q.Count, queries, keys);
        CheckTerms(operation, q, k, v, queries, keys, options);
    }

    /// <summary>The number of pairs of a query and a key of the same sequence.</summary>
    public static long Scores(Segments queries, Segments keys)
    {
        long scores = 0;
        for (int segment = 0; segment < queries.Count; segment++)
            scores += (long)queries.Length(segment) * keys.Length(segment);
        return scores;
    }

    /// <summary>[sequences, heads, Lq, Lk] if lengths are equal, else the number of all scores.</summary>
    public static Shape ScoreShape(Segments queries, Segments keys, int heads)
    {
        for (int segment = 1; segment < queries.Count; segment++)
        {
            if (queries.Length(segment) != queries.Length(0) || keys.Length(segment) != keys.Length(0))
                return [checked((int)(Scores(queries, keys) * heads))];
        }
        return queries.Count == 0 ? [0] : [queries.Count, heads, queries.Length(0), keys.Length(0)];
    }

    /// <summary>Whether two parts have columns of one tensor in common.</summary>
    public static bool Overlap(in Heads left, in Heads right) =>
        left.Column < right.Column + right.Count * right.Width && right.Column < left.Column + left.Count * left.Width;

    public static void CheckHeads(string operation, string name, Heads heads, int rows)
    {
        Shape shape = heads.Source.Shape;
        if (heads.HeadRows > 0)
        {
            if (heads.Source.IsTrainable || heads.Column != 0 || rows > heads.HeadRows || shape != [heads.Count * heads.HeadRows, heads.Width])
                throw new ArgumentException($"{operation}: {heads.Count} heads of {heads.HeadRows} rows of {heads.Width} columns, of which {rows} are used, are not {name} {shape}.", name);
            return;
        }
        if (shape.Rank != 2 || shape[0] != rows)
            throw new ArgumentException($"{operation}: {name} must be [{rows}, *], the rows of its segments; it is {shape}.", name);
        if (heads.Count <= 0 || heads.Width <= 0 || heads.Column < 0 || (long)heads.Column + (long)heads.Count * heads.Width > shape[1])
        {
            throw new ArgumentException(
                $"{operation}: {heads.Count} heads of width {heads.Width} from column {heads.Column} on do not fit into {name} {shape}.", name);
        }
    }

    private static void CheckOverlap(string operation, string leftName, Heads left, string rightName, Heads right, bool sameRows)
    {
        if (left.Source.Gradient is null || left.Source.Gradient != right.Source.Gradient || !Overlap(left, right))
            return;
        if (left.Column != right.Column || left.Width != right.Width || !sameRows)
        {
            throw new ArgumentException(
                $"{operation}: {leftName} and {rightName} may share columns of one tensor only if they are the same columns and segments.", rightName);
        }
    }

    private static void CheckTerms(string operation, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        if (options.Terms.Count == 0)
            return;
        if (options.Terms.Count > 2)
            throw new ArgumentException($"{operation}: there can be two terms that go by pairs; there are {options.Terms.Count}.", nameof(options));
        if (options.Causal || options.Window is not null || options.Bias is not null || !options.KeyMask.IsEmpty || options.Scale is <= 0)
            throw new ArgumentException($"{operation}: terms that go by pairs go with no mask, window or bias, and with a scale above 0.", nameof(options));
        foreach ((Heads own, Heads table, PairIndex index) in options.Terms)
        {
            CheckHeads(operation, "the queries of a term", own, queries.Rows);
            CheckHeads(operation, "the table of a term", table, table.Source.Shape.Rank == 2 ? table.Source.Shape[0] : 0);
            if (own.Count != q.Count || own.Width != q.Width || table.Count != q.Count || table.Width != q.Width)
                throw new ArgumentException($"{operation}: queries and table of a term must have {q.Count} heads of width {q.Width}.", nameof(options));
            if (index.Queries != queries || index.Keys != keys)
                throw new ArgumentException($"{operation}: the index of a term is for pairs of other sequences.", nameof(options));
            if (index.Rows > table.Source.Shape[0])
                throw new ArgumentException($"{operation}: a table of {index.Rows} rows is needed; it has {table.Source.Shape[0]}.", nameof(options));
            foreach ((string name, Heads other, bool sameRows) in ((string, Heads, bool)[])[("q", q, true), ("k", k, queries == keys), ("v", v, queries == keys)])
            {
                CheckOverlap(operation, name, other, "the queries of a term", own, sameRows);
                CheckOverlap(operation, name, other, "the table of a term", table, false);
            }
        }
    }

    private static void CheckBias(string operation, Shape bias, int heads, Segments queries, Segments keys)
    {
        if (bias.Rank == 3)
        {
            if (bias[0] != heads || bias[1] < queries.MaxLength || bias[2] < keys.MaxLength)
            {
                throw new ArgumentException(
                    $"{operation}: a shared bias must be [heads, query length, key length], at least [{heads}, {queries.MaxLength}, {keys.MaxLength}]; it is {bias}.", nameof(bias));
            }
            return;
        }
        if (bias != ScoreShape(queries, keys, heads) && (bias.Rank != 1 || bias.Count != Scores(queries, keys) * heads))
        {
            throw new ArgumentException(
                $"{operation}: a bias must be [heads, query length, key length] or have one value for each of {Scores(queries, keys) * heads} scores; it is {bias}.", nameof(bias));
        }
    }
}
