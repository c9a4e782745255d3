using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives.Entities;

/// <summary>
/// Entities: how they are written, and a vector of each that is never trained (TransE on a knowledge graph in the original). Entities without
/// vectors get random ones, always the same for the same number.
/// </summary>
/// <remarks>Immutable and safe to use from many threads.</remarks>
public sealed class EntityLexicon
{
    private readonly float[][]? _vectors;
    private readonly Dictionary<int, List<(int[] Tokens, int Entity)>> _byFirst = [];

    /// <summary>Makes a lexicon.</summary>
    /// <param name="mentions">The tokens by which each entity is known; entities without any are never found.</param>
    /// <param name="vectors">The vector of each, all of one width; null draws them.</param>
    /// <exception cref="ArgumentException">There is not one vector an entity, or their widths differ.</exception>
    public EntityLexicon(IReadOnlyList<int[]> mentions, float[][]? vectors = null)
    {
        if (vectors is not null && (vectors.Length != mentions.Count || vectors.Any(vector => vector.Length != vectors[0].Length)))
            throw new ArgumentException($"{mentions.Count} entities need as many vectors of one width.", nameof(vectors));
        (Count, _vectors) = (mentions.Count, vectors);
        foreach ((int entity, int[] tokens) in mentions.Index())
        {
            if (tokens.Length == 0)
                continue;
            if (!_byFirst.TryGetValue(tokens[0], out List<(int[], int)>? known))
                _byFirst[tokens[0]] = known = [];
            known.Add((tokens, entity));
        }
        foreach (List<(int[] Tokens, int Entity)> known in _byFirst.Values)
            known.Sort((a, b) => a.Tokens.Length != b.Tokens.Length ? b.Tokens.Length - a.Tokens.Length : a.Entity - b.Entity);
    }

    /// <summary>The number of entities.</summary>
    public int Count { get; }

    /// <summary>
    /// Finds the entities of an example: at every word the longest mention that ends with a word. Each is noted at the first token of its mention.
    /// </summary>
    /// <param name="example">The example; without words any token may begin and end a mention.</param>
    /// <param name="entities">Gets the entity of each token, -1 where there is none.</param>
    public void Find(Example example, Span<int> entities)
    {
        entities.Fill(-1);
        ReadOnlySpan<int> ids = example.Ids.Span, words = example.Words.Span;
        for (int i = 0; i < ids.Length; i++)
        {
            if (!Begins(words, i) || !example.Special.IsEmpty && example.Special.Span[i] || !_byFirst.TryGetValue(ids[i], out var known))
                continue;
            foreach ((int[] tokens, int entity) in known)
            {
                if (!ids[i..].StartsWith(tokens) || i + tokens.Length < ids.Length && !Begins(words, i + tokens.Length))
                    continue;
                entities[i] = entity;
                i += tokens.Length - 1;
                break;
            }
        }
    }

    /// <summary>The vectors of entities, <c>[entities, width]</c>; zeros for -1.</summary>
    /// <exception cref="ArgumentException">The lexicon's vectors are of another width.</exception>
    public Tensor Vectors(ReadOnlySpan<int> entities, int width)
    {
        if (_vectors is [var first, ..] && first.Length != width)
            throw new ArgumentException($"The lexicon's vectors have {first.Length} numbers; the model reads entities of {width} (entity_size).", nameof(width));
        Tensor rows = Tensor.Zeros([entities.Length, width]);
        for (int i = 0; i < entities.Length; i++)
        {
            if (entities[i] >= 0)
                Write(entities[i], rows.Span.Slice(i * width, width));
        }
        return rows;
    }

    private static bool Begins(ReadOnlySpan<int> words, int position) => words.IsEmpty || position == 0 || words[position] != words[position - 1];

    private void Write(int entity, Span<float> target)
    {
        if (_vectors is not null)
        {
            _vectors[entity].CopyTo(target);
            return;
        }
        RandomStream random = new RandomStream(0).Stream("entities").Stream((uint)entity);
        float scale = 1 / MathF.Sqrt(target.Length);
        for (int i = 0; i < target.Length; i++)
            target[i] = scale * random.Normal(i);
    }
}
