using Attune.Inference.Generation;
using Attune.Inference.Generation.Decoding;
using Attune.Tensors.Random;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Inference.Generation;

/// <summary>Beam search over made-up languages, compared with all sequences there are.</summary>
public sealed class BeamSearchTests
{
    private const int Vocabulary = 4, End = 0, Length = 4, All = 256;

    [Property(MaxTest = 60)]
    public void With_room_for_all_it_finds_the_best_of_all(ulong seed, bool prefersLong)
    {
        var options = new GenerationOptions { Beams = All, Returns = 5, LengthPenalty = prefersLong ? 1.5f : -0.5f, EarlyStopping = EarlyStopping.Never };
        (int[] Ids, double Score)[] best = [.. Sequences(seed, [])
            .Select(ids => (ids, LogProbability(seed, ids) / Math.Pow(ids.Length, options.LengthPenalty)))
            .OrderByDescending(found => found.Item2).Take(options.Returns)];
        IReadOnlyList<GeneratedSequence> found = Search(seed, options, null);
        for (int i = 0; i < best.Length; i++)
        {
            Assert.Equal(best[i].Score, found[i].Score!.Value, 1e-4);
            Assert.Equal(LogProbability(seed, [.. found[i].Ids]) / Math.Pow(found[i].Ids.Count, options.LengthPenalty), found[i].Score!.Value, 1e-4);
        }
    }

    [Property(MaxTest = 60)]
    public void Few_beams_give_different_texts_in_the_order_of_their_scores(ulong seed, byte beams)
    {
        var options = new GenerationOptions { Beams = 2 + beams % 4 };
        options = options with { Returns = options.Beams };
        IReadOnlyList<GeneratedSequence> found = Search(seed, options, null);
        Assert.Equal(found.Count, found.Select(sequence => string.Join(' ', sequence.Ids)).Distinct().Count());
        Assert.Equal(found.OrderByDescending(sequence => sequence.Score), found);
        Assert.All(found, sequence => Assert.True(sequence.Ids[^1] == End || sequence.Ids.Count == Length));
    }

    [Fact]
    public void Drawn_beams_repeat_themselves_for_a_seed()
    {
        var options = new GenerationOptions { Beams = 3, Returns = 3, Sample = true };
        string Drawn(uint stream) => string.Join('|', Search(5, options, new RandomStream(1, stream)).Select(found => string.Join(' ', found.Ids)));
        Assert.Equal(Drawn(1), Drawn(1));
        Assert.True(Enumerable.Range(1, 10).Select(stream => Drawn((uint)stream)).Distinct().Count() > 1);
    }

    [Property(MaxTest = 60)]
    public void Drawing_several_gives_none_twice_and_nothing_that_was_removed(ulong seed)
    {
        float[] logits = Logits(seed, [1, 2]);
        logits[1] = float.NegativeInfinity;
        int[] drawn = Distribution.DrawSeveral(logits, 3, new RandomStream(seed));
        Assert.Equal(3, drawn.Distinct().Count());
        Assert.DoesNotContain(1, drawn);
    }

    [Fact]
    public void The_first_drawn_has_its_probability()
    {
        float[] logits = [MathF.Log(0.5f), MathF.Log(0.3f), MathF.Log(0.2f)];
        int[] counts = new int[3];
        const int draws = 20_000;
        for (int i = 0; i < draws; i++)
            counts[Distribution.DrawSeveral(logits, 1, new RandomStream(9).At(i))[0]]++;
        Assert.Equal(0.5, counts[0] / (double)draws, 0.02);
        Assert.Equal(0.3, counts[1] / (double)draws, 0.02);
    }

    private static IReadOnlyList<GeneratedSequence> Search(ulong seed, GenerationOptions options, RandomStream? draws)
    {
        var search = new BeamSearch(options, new OpenSequence([], new SequenceRules([], [End], Length, null)));
        int[][] beams = [.. Enumerable.Repeat(Array.Empty<int>(), options.Beams)];
        for (int step = 0; !search.IsDone; step++)
        {
            Assert.True(step < Length);
            beams = [.. search.Step([.. beams.SelectMany(ids => Logits(seed, ids))], draws).Select(next => beams[next.Beam].Append(next.Id).ToArray())];
        }
        return search.Results;
    }

    private static IEnumerable<int[]> Sequences(ulong seed, int[] begun)
    {
        for (int id = 0; id < Vocabulary; id++)
        {
            int[] longer = [.. begun, id];
            if (id == End || longer.Length == Length)
            {
                yield return longer;
                continue;
            }
            foreach (int[] whole in Sequences(seed, longer))
                yield return whole;
        }
    }

    private static double LogProbability(ulong seed, int[] ids)
    {
        double sum = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            float[] logits = Logits(seed, ids[..i]);
            Distribution.ToLogarithms(logits);
            sum += logits[ids[i]];
        }
        return sum;
    }

    // Scores that depend on all that stands.
    private static float[] Logits(ulong seed, int[] ids)
    {
        RandomStream random = ids.Aggregate(new RandomStream(seed), (stream, id) => stream.Stream((uint)id + 1));
        return [.. Enumerable.Range(0, Vocabulary).Select(id => 2 * random.Normal(id))];
    }
}
