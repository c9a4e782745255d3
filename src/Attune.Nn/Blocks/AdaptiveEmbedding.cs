using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>A vocabulary, ordered by frequency, that is cut into clusters: rare ones get narrower vectors (Baevski and Auli 2019, arXiv:1809.10853).</summary>
/// <param name="Ends">One past the last token of each cluster; the last one is the size of the vocabulary.</param>
/// <param name="Width">The width of the first cluster's vectors.</param>
/// <param name="Divisor">How much narrower each further cluster's vectors are; 1 keeps one table for all.</param>
public sealed record AdaptiveVocabulary(IReadOnlyList<int> Ends, int Width, int Divisor)
{
    /// <summary>The number of clusters.</summary>
    public int Clusters => Ends.Count;

    /// <summary>The number of tables.</summary>
    public int Tables => Divisor == 1 ? 1 : Clusters;

    /// <summary>The first token of a cluster.</summary>
    public int Start(int cluster) => cluster == 0 ? 0 : Ends[cluster - 1];

    /// <summary>The number of tokens of a cluster.</summary>
    public int Size(int cluster) => Ends[cluster] - Start(cluster);

    /// <summary>The width of a cluster's vectors.</summary>
    public int WidthOf(int cluster)
    {
        int width = Width;
        for (int i = 0; i < cluster; i++)
            width /= Divisor;
        return width;
    }

    /// <summary>The cluster of a token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is not of the vocabulary.</exception>
    public int ClusterOf(int token)
    {
        for (int cluster = 0; cluster < Clusters && token >= 0; cluster++)
        {
            if (token < Ends[cluster])
                return cluster;
        }
        throw new ArgumentOutOfRangeException(nameof(token), token, $"A token must be 0..{Ends[^1] - 1}, those of the vocabulary.");
    }
}

/// <summary>Token ids to rows of one width, from tables whose widths fall with the tokens' frequency.</summary>
public sealed class AdaptiveEmbedding : Module
{
    private readonly AdaptiveVocabulary _vocabulary;
    private readonly float _scale;

    /// <summary>Declares tables and projections.</summary>
    /// <param name="vocabulary">The clusters.</param>
    /// <param name="width">The width of the rows.</param>
    /// <param name="initializer">What the tables start from.</param>
    /// <param name="projectionInitializer">What the projections start from.</param>
    public AdaptiveEmbedding(AdaptiveVocabulary vocabulary, int width, Initializer initializer, Initializer projectionInitializer)
    {
        (_vocabulary, _scale) = (vocabulary, MathF.Sqrt(width));
        Spread = initializer is Initializer.NormalDistribution tokens ? tokens.Deviation * _scale : 1;
        Tables = Enumerable.Range(0, vocabulary.Tables).Select(i => Own(
            $"tables.{i}", [vocabulary.Tables == 1 ? vocabulary.Ends[^1] : vocabulary.Size(i), vocabulary.WidthOf(i)], initializer, ParameterRole.Embedding)).ToArray();
        // One table of the model's own width needs no projection; several have one each, whatever their width.
        Projections = vocabulary.Divisor == 1 && vocabulary.Width == width ? [] : Enumerable.Range(0, vocabulary.Tables).Select(i => Own(
            $"projections.{i}", [width, vocabulary.WidthOf(i)], projectionInitializer, ParameterRole.Weight)).ToArray();
    }

    /// <summary>The tables, <c>[tokens, own width]</c>.</summary>
    public IReadOnlyList<Parameter> Tables { get; }

    /// <summary>The standard deviation that the rows of the most frequent tokens start with.</summary>
    public float Spread { get; }

    /// <summary>The projections of the tables, <c>[width, own width]</c>; empty if there are none.</summary>
    public IReadOnlyList<Parameter> Projections { get; }

    /// <summary>Gives the rows of token ids, multiplied by the square root of the width: <c>[ids, width]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is out of range.</exception>
    public Tensor Forward(Tape tape, ReadOnlyMemory<int> ids) => tape.Scale(_vocabulary.Tables == 1 ? Rows(tape, 0, ids) : Clustered(tape, ids), _scale);

    private Tensor Clustered(Tape tape, ReadOnlyMemory<int> ids)
    {
        List<int>[] members = [.. Enumerable.Range(0, _vocabulary.Clusters).Select(_ => new List<int>())];
        int[] place = new int[ids.Length];
        for (int row = 0; row < ids.Length; row++)
        {
            int cluster = _vocabulary.ClusterOf(ids.Span[row]);
            place[row] = members[cluster].Count;
            members[cluster].Add(ids.Span[row] - _vocabulary.Start(cluster));
        }
        List<Tensor> parts = [];
        int[] first = new int[members.Length];
        for (int cluster = 0, next = 0; cluster < members.Length; next += members[cluster++].Count)
        {
            first[cluster] = next;
            if (members[cluster].Count > 0)
                parts.Add(Rows(tape, cluster, members[cluster].ToArray()));
        }
        for (int row = 0; row < place.Length; row++)
            place[row] += first[_vocabulary.ClusterOf(ids.Span[row])];
        return tape.GatherRows(tape.Concat(0, [.. parts]), place);
    }

    private Tensor Rows(Tape tape, int table, ReadOnlyMemory<int> ids)
    {
        Tensor rows = tape.Embedding(Tables[table].Value, ids);
        return Projections.Count == 0 ? rows : tape.Linear(rows, Projections[table].Value);
    }
}
