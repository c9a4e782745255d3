using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>
/// A language model's output in two steps: the frequent tokens and the clusters of all others compete, then the tokens of a cluster (Grave et
/// al. 2017, arXiv:1609.04309). In training only rows whose token is in a cluster are multiplied with it.
/// </summary>
public sealed class AdaptiveSoftmaxHead : Module, ITokenHead
{
    private readonly AdaptiveVocabulary _vocabulary;
    private readonly Parameter[] _tables;
    private readonly Parameter[] _biases;
    private readonly Parameter?[] _projections;
    private readonly Parameter? _clusters;
    private readonly Parameter? _clusterBias;

    /// <summary>Declares what is not shared with the embedding.</summary>
    /// <param name="vocabulary">The clusters.</param>
    /// <param name="width">The backbone's width.</param>
    /// <param name="embedding">The embedding.</param>
    /// <param name="tied">Whether the embedding's tables are the output tables.</param>
    /// <param name="tiedProjections">For each cluster, whether the embedding's projection is its own, too.</param>
    /// <param name="initializer">What the tables start from.</param>
    /// <param name="projectionInitializer">What the projections start from.</param>
    public AdaptiveSoftmaxHead(
        AdaptiveVocabulary vocabulary, int width, AdaptiveEmbedding embedding, bool tied, IReadOnlyList<bool> tiedProjections,
        Initializer initializer, Initializer projectionInitializer)
    {
        _vocabulary = vocabulary;
        _tables = [.. embedding.Tables.Select((table, i) => tied ? table : Own($"tables.{i}", table.Shape, initializer, ParameterRole.Weight))];
        _biases = [.. embedding.Tables.Select((table, i) => Own($"biases.{i}", [table.Shape[0]], Initializer.Zeros, ParameterRole.Bias))];
        _projections = [.. Enumerable.Range(0, vocabulary.Clusters).Select(i =>
            embedding.Projections.Count == 0 ? null
            : tiedProjections[i] ? embedding.Projections[vocabulary.Tables == 1 ? 0 : i]
            : Own($"projections.{i}", [width, vocabulary.WidthOf(i)], projectionInitializer, ParameterRole.Weight))];
        if (vocabulary.Clusters == 1)
            return;
        _clusters = Own("clusters", [vocabulary.Clusters - 1, vocabulary.Width], Initializer.Zeros, ParameterRole.Weight);
        _clusterBias = Own("clusterBias", [vocabulary.Clusters - 1], Initializer.Zeros, ParameterRole.Bias);
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.CausalLm;

    /// <summary>The logarithm of every token's probability: <c>[rows, vocabulary]</c>.</summary>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Tape tape = pass.Tape;
        Tensor hidden = output.Hidden;
        (Tensor weight, Tensor bias) = Top(tape);
        Tensor top = tape.LogSoftmax(tape.Linear(Projected(tape, hidden, 0), weight, bias));
        var parts = new Tensor[_vocabulary.Clusters];
        parts[0] = tape.Slice(top, 1, 0, _vocabulary.Size(0));
        for (int cluster = 1; cluster < parts.Length; cluster++)
        {
            (Tensor table, Tensor own) = Table(tape, cluster);
            Tensor within = tape.LogSoftmax(tape.Linear(Projected(tape, hidden, cluster), table, own));
            parts[cluster] = tape.Add(within, tape.Slice(top, 1, _vocabulary.Size(0) + cluster - 1, 1));
        }
        return parts.Length == 1 ? parts[0] : tape.Concat(1, parts);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Labels are to be smoothed, which two steps cannot do.</exception>
    public Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0)
    {
        if (smoothing != 0)
            throw new NotSupportedException("An adaptive softmax cannot smooth labels: a token's probability is made in two steps.");
        Tape tape = pass.Tape;
        (int[] rows, int[] kept) = LabelledRows.Of(labels.Span);
        Tensor hidden = rows.Length == labels.Length ? output.Hidden : tape.GatherRows(output.Hidden, rows);
        int[] clusters = [.. kept.Select(_vocabulary.ClusterOf)];
        int[] choices = [.. kept.Select((token, i) => clusters[i] == 0 ? token : _vocabulary.Size(0) + clusters[i] - 1)];
        (Tensor weight, Tensor bias) = Top(tape);
        Tensor loss = tape.LinearCrossEntropy(Projected(tape, hidden, 0), weight, bias, choices);
        for (int cluster = 1; cluster < _vocabulary.Clusters; cluster++)
        {
            int[] members = [.. Enumerable.Range(0, kept.Length).Where(i => clusters[i] == cluster)];
            if (members.Length == 0)
                continue;
            int[] tokens = [.. members.Select(i => kept[i] - _vocabulary.Start(cluster))];
            (Tensor table, Tensor own) = Table(tape, cluster);
            Tensor within = tape.LinearCrossEntropy(Projected(tape, tape.GatherRows(hidden, members), cluster), table, own, tokens);
            loss = tape.Add(loss, tape.Scale(within, members.Length / (float)kept.Length));
        }
        return loss;
    }

    // The frequent tokens, then the clusters.
    private (Tensor Weight, Tensor Bias) Top(Tape tape)
    {
        (Tensor table, Tensor bias) = Table(tape, 0);
        return _clusters is null ? (table, bias) : (tape.Concat(0, table, _clusters.Value), tape.Concat(0, bias, _clusterBias!.Value));
    }

    private (Tensor Table, Tensor Bias) Table(Tape tape, int cluster) => _vocabulary.Tables > 1 || _vocabulary.Clusters == 1
        ? (_tables[cluster].Value, _biases[cluster].Value)
        : (tape.Slice(_tables[0].Value, 0, _vocabulary.Start(cluster), _vocabulary.Size(cluster)),
            tape.Slice(_biases[0].Value, 0, _vocabulary.Start(cluster), _vocabulary.Size(cluster)));

    private Tensor Projected(Tape tape, Tensor hidden, int cluster) => _projections[cluster] is { } projection
        ? tape.Linear(hidden, projection.Value, null, Activation.None, WeightLayout.InOut)
        : hidden;
}
