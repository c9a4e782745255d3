using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;

namespace Attune.Analysis;

/// <summary>
/// How much each head of attention matters (Michel et al. 2019, arXiv:1905.10650): every head is multiplied with a gate of 1; the importance
/// is the mean over examples of the absolute slope of the loss along the gate.
/// </summary>
/// <param name="ByBlock">The importance of each head of each block.</param>
public sealed record HeadImportance(IReadOnlyList<IReadOnlyList<double>> ByBlock)
{
    // A pass of so many tokens fits the caches.
    private const int TokensPerPass = 512;

    /// <summary>
    /// Measures a model on examples. Each has gates of its own, because slopes of different signs must not cancel out; where the loss of a batch
    /// is not the mean of theirs, they are read one by one.
    /// </summary>
    /// <param name="model">A model of one stack, with values.</param>
    /// <param name="learnable">What it is measured by; the model has its heads.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="seed">The seed of what is random in the loss (masking).</param>
    /// <param name="cancellation">Looked at between passes.</param>
    /// <exception cref="ArgumentException">There are no examples, or the model has blocks without self-attention.</exception>
    public static HeadImportance Measure(
        Model model, ILearnable learnable, IEnumerable<Example> examples, ulong seed = 0, CancellationToken cancellation = default)
    {
        Fit.Require(model, learnable);
        AttentionShape[] attentions = AttentionsOf(model);
        var random = new RandomStream(seed).Stream("head importance");
        double[][] sums = [.. attentions.Select(attention => new double[attention.Heads])];
        var tape = new Tape();
        int count = 0;
        foreach (Example[] together in Together(examples, learnable.IsMeanOverLabels))
        {
            cancellation.ThrowIfCancellationRequested();
            Batch batch = learnable.Collate(together, random, count);
            double[] weights = [.. together.Select((example, i) => Weight(learnable, example, random, count + i))];
            double labels = weights.Sum();
            float[][] slopes = Slopes(tape, attentions, together.Length, pass => learnable.Loss(pass, model, batch));
            batch.Release();
            for (int block = 0; block < sums.Length; block++)
            {
                int heads = sums[block].Length;
                for (int i = 0; i < slopes[block].Length; i++)
                {
                    // The slope of an example's own loss, which is part of the batch's with the share of its labels; without any it has none.
                    double weight = weights[i / heads];
                    if (weight > 0)
                        sums[block][i % heads] += Math.Abs(slopes[block][i]) * (labels / weight);
                }
            }
            count += together.Length;
        }
        if (count == 0)
            throw new ArgumentException("There are no examples to measure heads by.", nameof(examples));
        return new HeadImportance([.. sums.Select(block => block.Select(sum => sum / count).ToArray())]);
    }

    /// <summary>The importance of heads divided by the Euclidean length of their block's, so that blocks can be compared.</summary>
    public HeadImportance Normalised() => new([.. ByBlock.Select(block =>
    {
        double length = Math.Sqrt(block.Sum(value => value * value));
        return block.Select(value => length == 0 ? 0 : value / length).ToArray();
    })]);

    /// <summary>The least important heads, the least one first; every block keeps at least one.</summary>
    /// <param name="share">The share of all heads.</param>
    public IReadOnlyList<(int Block, int Head)> Least(double share)
    {
        int[] left = [.. ByBlock.Select(block => block.Count)];
        int wanted = (int)Math.Round(share * left.Sum());
        List<(int, int)> chosen = [];
        foreach ((int block, int head) in ByBlock
            .SelectMany((heads, block) => heads.Select((value, head) => (value, block, head)))
            .OrderBy(entry => entry.value).ThenBy(entry => entry.block).ThenBy(entry => entry.head)
            .Select(entry => (entry.block, entry.head)))
        {
            if (chosen.Count == wanted)
                break;
            if (left[block] == 1)
                continue;
            left[block]--;
            chosen.Add((block, head));
        }
        return chosen;
    }

    private static double Weight(ILearnable learnable, Example example, RandomStream random, int number)
    {
        Batch alone = learnable.Collate([example], random, number);
        alone.Release();
        return alone.Weight;
    }

    private static IEnumerable<Example[]> Together(IEnumerable<Example> examples, bool severalAtOnce)
    {
        List<Example> together = [];
        int tokens = 0;
        foreach (Example example in examples)
        {
            if (together.Count > 0 && (!severalAtOnce || tokens + example.Ids.Length > TokensPerPass))
            {
                yield return [.. together];
                together.Clear();
                tokens = 0;
            }
            together.Add(example);
            tokens += example.Ids.Length;
        }
        if (together.Count > 0)
            yield return [.. together];
    }

    /// <summary>The slope of a loss along the gate of each head: a row of heads for each sequence, or one for all of them.</summary>
    /// <param name="tape">Where it is computed.</param>
    /// <param name="attentions">The attention of every block.</param>
    /// <param name="sequences">How many sequences have gates of their own; 1 for the same gates for all.</param>
    /// <param name="loss">The loss.</param>
    internal static float[][] Slopes(Tape tape, IReadOnlyList<AttentionShape> attentions, int sequences, Func<Pass, Tensor> loss)
    {
        tape.Begin(recording: true);
        Tensor[] gates = [.. attentions.Select(attention => Ones(attention.Heads, sequences))];
        tape.Backward(loss(new Pass(tape) { HeadGates = gates }));
        return [.. gates.Select(gate => gate.Grad?.ToArray() ?? new float[gate.Count])];
    }

    /// <summary>The gates of one block.</summary>
    internal static Tensor Gates(IEnumerable<float> values)
    {
        float[] all = [.. values];
        return Tensor.From([all.Length], all);
    }

    private static Tensor Ones(int heads, int sequences)
    {
        float[] ones = new float[sequences * heads];
        Array.Fill(ones, 1);
        return Tensor.From(sequences == 1 ? [heads] : [sequences, heads], ones, requiresGradient: true);
    }

    /// <summary>The attention of every block.</summary>
    /// <exception cref="ArgumentException">A block has none, or the model is not one stack.</exception>
    internal static AttentionShape[] AttentionsOf(Model model) =>
        model.Backbone is IHasAttention { Attentions: var all } && all.All(attention => attention is not null)
            ? [.. all.Select(attention => attention!)]
            : throw new ArgumentException("Heads can be measured and pruned where one stack of blocks has self-attention in all of them; this model is another.", nameof(model));
}
