using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

public sealed class IndexedTermTests
{
    private const int HeadCount = 2, HeadWidth = 5, Inner = HeadCount * HeadWidth;
    private const float Scale = 0.6f;

    private static readonly Segments Queries = Segments.FromLengths(3, 0, 5), Keys = Segments.FromLengths(4, 2, 7);

    // More than one tile of queries and of keys.
    private static readonly Segments LongQueries = Segments.FromLengths(190, 3), LongKeys = Segments.FromLengths(530, 9);

    public static TheoryData<string> Kinds => ["behind", "ahead", "constant", "listed", "holes", "uniform"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Terms_are_added_and_pairs_hidden(string kind)
    {
        foreach ((Segments queries, Segments keys) in ((Segments, Segments)[])[(Queries, Keys), (LongQueries, LongKeys), (Segments.FromLengths(1, 2), Segments.FromLengths(300, 7))])
        {
            Problem problem = new(queries, keys, kind);
            foreach (InstructionSet set in Isa.Available)
            {
                using IDisposable forced = Isa.Force(set);
                var tape = new Tape();
                tape.Begin(recording: false);
                float[] fused = problem.Fused(tape).ToArray(), whole = problem.Whole(tape).ToArray();
                for (int i = 0; i < fused.Length; i++)
                    Assert.Equal(whole[i], fused[i], 1e-5f);
                (_, Tensor weights) = tape.AttentionWithProbabilities(
                    Heads.Of(problem.Query, HeadCount), Heads.Of(problem.Key, HeadCount), Heads.Of(problem.Value, HeadCount), queries, keys, problem.Options);
                Assert.Equal(HeadCount * queries.Rows, weights.ToArray().Sum(weight => (double)weight), 1e-3);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_are_those_of_scores_that_exist_as_a_whole(string kind)
    {
        Problem problem = new(LongQueries, LongKeys, kind);
        foreach (InstructionSet set in Isa.Available)
        {
            using IDisposable forced = Isa.Force(set);
            float[][] fused = problem.Gradients(problem.Fused), whole = problem.Gradients(problem.Whole);
            for (int t = 0; t < fused.Length; t++)
            {
                for (int i = 0; i < fused[t].Length; i++)
                    Assert.True(Math.Abs(whole[t][i] - fused[t][i]) < 2e-4f * Math.Max(1, Math.Abs(whole[t][i])), $"{set}, tensor {t}, element {i}: {whole[t][i]} and {fused[t][i]}");
            }
        }
    }

    [Theory]
    [InlineData("behind")]
    [InlineData("ahead")]
    [InlineData("listed")]
    [InlineData("holes")]
    public void Gradients_are_those_of_the_forward_pass(string kind)
    {
        Problem problem = new(Queries, Keys, kind);
        GradientCheck.Run(
            (tape, inputs) => tape.Attention(
                Heads.Of(inputs[0], HeadCount), Heads.Of(inputs[1], HeadCount), Heads.Of(inputs[1], HeadCount), Queries, Keys,
                problem.Options with
                {
                    // The queries of contents serve the first term, too.
                    Terms =
                    [
                        new(Heads.Of(inputs[0], HeadCount), Heads.Of(inputs[2], HeadCount), problem.First),
                        new(Heads.Of(inputs[3], HeadCount), Heads.Of(inputs[4], HeadCount), problem.Second),
                    ],
                }),
            [8, Inner], [13, Inner], [problem.First.Rows, Inner], [8, Inner], [problem.Second.Rows, Inner]);
    }

    [Fact]
    public void Dropout_drops_the_same_weights_forward_and_backward()
    {
        Problem problem = new(Queries, Keys, "behind");
        GradientCheck.Run(
            (tape, inputs) => tape.Attention(
                Heads.Of(inputs[0], HeadCount), Heads.Of(inputs[1], HeadCount), Heads.Of(inputs[1], HeadCount), Queries, Keys,
                new AttentionOptions { Scale = Scale, Dropout = 0.3f, Terms = [new(Heads.Of(inputs[0], HeadCount), Heads.Of(inputs[2], HeadCount), problem.First)] }),
            [8, Inner], [13, Inner], [problem.First.Rows, Inner]);
    }

    [Fact]
    public void Runs_take_no_memory_of_their_own()
    {
        Assert.True(new Problem(LongQueries, LongKeys, "behind").First.Listed <= 1);
        Assert.True(new Problem(LongQueries, LongKeys, "ahead").First.Listed <= 1);
        Assert.True(new Problem(LongQueries, LongKeys, "constant").First.Listed <= 1);
        Assert.Equal(190 * 530 + 3 * 9, new Problem(LongQueries, LongKeys, "listed").First.Listed);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Problem problem = new(Queries, Keys, "behind");
        Refused("a table of", problem.Options with { Terms = [problem.Options.Terms[0] with { Table = Heads.Of(Tensor.Zeros([3, Inner]), HeadCount) }] });
        Refused("no mask", problem.Options with { Causal = true });
        Refused("scale above 0", problem.Options with { Scale = -1 });
        Refused("can be two", problem.Options with { Terms = [.. problem.Options.Terms, problem.Options.Terms[0]] });
        Refused("other sequences", problem.Options with { Terms = [problem.Options.Terms[0] with { Index = new PairIndex(Keys, Keys, (_, _, _) => { }) }] });
        Assert.Throws<ArgumentException>(() => new PairIndex(Queries, Segments.FromLengths(15), (_, _, _) => { }));

        void Refused(string named, AttentionOptions options)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => tape.Attention(
                Heads.Of(problem.Query, HeadCount), Heads.Of(problem.Key, HeadCount), Heads.Of(problem.Value, HeadCount), Queries, Keys, options));
            Assert.Contains(named, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Attention with two terms, fused and with its scores as a whole: gathered, added to a bias of each pair, hidden by minus infinity.</summary>
    private sealed class Problem
    {
        private readonly Segments _queries, _keys;
        private readonly string _kind;
        private readonly bool[] _uniform;
        private readonly Tensor _firstQuery, _secondQuery, _firstTable, _secondTable;

        public Problem(Segments queries, Segments keys, string kind)
        {
            (_queries, _keys, _kind) = (queries, keys, kind);
            _uniform = [.. Enumerable.Range(0, queries.Rows).Select(row => kind == "uniform" && row % 2 == 1)];
            First = new PairIndex(queries, keys, Fill);
            Second = new PairIndex(queries, keys, (s, q, row) =>
            {
                for (int k = 0; k < row.Length; k++)
                    row[k] = (s + q + k / 3) % 2;
            });
            Tensor Random(int rows, uint seed) => Tensor.From([rows, Inner], GradientCheck.Normal([rows, Inner], seed).ToArray(), requiresGradient: true);
            (Query, Key, Value) = (Random(queries.Rows, 1), Random(keys.Rows, 2), Random(keys.Rows, 3));
            (_firstQuery, _secondQuery, _firstTable, _secondTable) = (Random(queries.Rows, 4), Random(queries.Rows, 5), Random(First.Rows, 6), Random(2, 7));
            Options = new AttentionOptions
            {
                Scale = Scale,
                UniformQueries = _uniform,
                Terms = [new(Heads.Of(_firstQuery, HeadCount), Heads.Of(_firstTable, HeadCount), First), new(Heads.Of(_secondQuery, HeadCount), Heads.Of(_secondTable, HeadCount), Second)],
            };
        }

        public Tensor Query { get; }

        public Tensor Key { get; }

        public Tensor Value { get; }

        public PairIndex First { get; }

        public PairIndex Second { get; }

        public AttentionOptions Options { get; }

        public Tensor Fused(Tape tape) =>
            tape.Attention(Heads.Of(Query, HeadCount), Heads.Of(Key, HeadCount), Heads.Of(Value, HeadCount), _queries, _keys, Options);

        public Tensor Whole(Tape tape)
        {
            List<Tensor> mixed = [];
            for (int s = 0; s < _queries.Count; s++)
            {
                if (_queries.Length(s) == 0)
                    continue;
                int rows = _queries.Length(s), count = _keys.Length(s);
                float[] hidden = new float[rows * count], alive = new float[rows * count];
                int[] first = new int[rows * count], second = new int[rows * count];
                for (int q = 0; q < rows; q++)
                {
                    int[] one = Filled(count), two = Filled(count);
                    Fill(s, q, one);
                    for (int k = 0; k < count; k++)
                    {
                        int at = q * count + k;
                        (hidden[at], alive[at]) = (one[k] < 0 ? float.NegativeInfinity : 0, _uniform[_queries.Start(s) + q] ? 0 : 1);
                        (first[at], second[at]) = (q * First.Rows + Math.Max(one[k], 0), q * 2 + (s + q + k / 3) % 2);
                    }
                }
                for (int head = 0; head < HeadCount; head++)
                {
                    Tensor Of(Tensor all, int start, int length) => tape.Slice(tape.Slice(all, 0, start, length), 1, head * HeadWidth, HeadWidth);
                    Tensor Products(Tensor query, Tensor table, int[] index)
                    {
                        Tensor products = tape.Linear(Of(query, _queries.Start(s), rows), Of(table, 0, table.Shape[0]));
                        return tape.GatherRows(products.Reshape([rows * table.Shape[0], 1]), index).Reshape([rows, count]);
                    }
                    Tensor query = Of(Query, _queries.Start(s), rows), key = Of(Key, _keys.Start(s), count);
                    Tensor scores = tape.Add(tape.Add(Products(_firstQuery, _firstTable, first), Products(_secondQuery, _secondTable, second)), tape.Linear(query, key));
                    scores = tape.Scale(scores, Scale);
                    scores = tape.Add(Levelled(tape, scores, alive), Tensor.From([rows, count], hidden));
                    Tensor value = Of(Value, _keys.Start(s), count);
                    mixed.Add(tape.MatMul(tape.Softmax(scores), value));
                }
            }
            List<Tensor> sequences = [.. mixed.Chunk(HeadCount).Select(heads => tape.Concat(1, heads))];
            return sequences.Count == 1 ? sequences[0] : tape.Concat(0, [.. sequences]);
        }

        // Rows that do not count have scores of 0, with the gradients that theirs would have.
        private static Tensor Levelled(Tape tape, Tensor scores, float[] alive)
        {
            float[] off = scores.ToArray();
            for (int i = 0; i < off.Length; i++)
                off[i] = alive[i] == 0 ? -off[i] : 0;
            return tape.Add(scores, Tensor.From(scores.Shape, off));
        }

        public float[][] Gradients(Func<Tape, Tensor> output)
        {
            Tensor[] all = [Query, Key, Value, _firstQuery, _secondQuery, _firstTable, _secondTable];
            foreach (Tensor tensor in all)
                tensor.ClearGradient();
            var tape = new Tape();
            tape.Begin(recording: true);
            Tensor result = output(tape);
            tape.Backward(tape.Sum(tape.Multiply(result, GradientCheck.Normal(result.Shape, 11))));
            return [.. all.Select(tensor => tensor.Grad!.ToArray())];
        }

        private void Fill(int sequence, int query, Span<int> row)
        {
            for (int k = 0; k < row.Length; k++)
            {
                row[k] = _kind switch
                {
                    "behind" => k <= query + 2 ? k - query + _queries.MaxLength : PairIndex.Hidden,
                    "ahead" => query - k + _keys.MaxLength,
                    "constant" => k >= query % 2 ? query % 3 : PairIndex.Hidden,
                    "listed" => k * 7 % 6,
                    "holes" => (k + query) % 5 == 4 ? PairIndex.Hidden : k * 7 % 6,
                    _ => k + query % 4,
                };
            }
        }

        private static int[] Filled(int count)
        {
            int[] row = new int[count];
            Array.Fill(row, PairIndex.Hidden);
            return row;
        }
    }
}
