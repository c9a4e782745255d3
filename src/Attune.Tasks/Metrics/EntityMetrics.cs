using Attune.Nn.Contracts;

namespace Attune.Tasks.Metrics;

/// <summary>
/// Precision, recall and F1 of whole entities: one counts as found only if its type and both ends are right (CoNLL-2003;
/// Tjong Kim Sang and De Meulder 2003).
/// </summary>
/// <param name="tags">The name of each class, such as <c>O</c>, <c>B-PER</c>, <c>I-PER</c>; <c>E-</c> and <c>S-</c> are understood too.</param>
public sealed class EntityMetrics(IReadOnlyList<string> tags) : IMetrics
{
    private long _truths, _answers, _right, _tokens, _rightTokens;

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> Figures
    {
        get
        {
            double precision = Ratio(_right, _answers), recall = Ratio(_right, _truths);
            return
            [
                ("f1", Ratio(2 * _right, _answers + _truths)),
                ("precision", precision),
                ("recall", recall),
                ("token_accuracy", Ratio(_rightTokens, _tokens)),
            ];
        }
    }

    /// <summary>Counts a sequence.</summary>
    /// <param name="truth">The classes of its words.</param>
    /// <param name="answer">The classes that the model gave them.</param>
    public void Add(ReadOnlySpan<int> truth, ReadOnlySpan<int> answer)
    {
        List<Entity> expected = Entities(truth, tags), found = Entities(answer, tags);
        _truths += expected.Count;
        _answers += found.Count;
        _right += expected.Intersect(found).Count();
        _tokens += truth.Length;
        for (int i = 0; i < truth.Length; i++)
            _rightTokens += truth[i] == answer[i] ? 1 : 0;
    }

    /// <summary>
    /// The entities that a sequence of tags marks. An inside tag that continues nothing begins an entity, as the official
    /// scorer reads it.
    /// </summary>
    public static List<Entity> Entities(ReadOnlySpan<int> classes, IReadOnlyList<string> tags)
    {
        List<Entity> entities = [];
        string open = "";
        int start = 0;
        char last = 'O';
        for (int i = 0; i <= classes.Length; i++)
        {
            string tag = i < classes.Length ? tags[classes[i]] : "O";
            char prefix = tag.Length > 1 && tag[1] == '-' ? tag[0] : tag == "O" ? 'O' : 'I';
            string type = prefix == 'O' ? "" : tag.Length > 1 && tag[1] == '-' ? tag[2..] : tag;
            bool continues = prefix is 'I' or 'E' && last is 'B' or 'I' && type == open;
            if (last != 'O' && !continues)
                entities.Add(new Entity(open, start, i - 1));
            if (prefix != 'O' && !continues)
                (open, start) = (type, i);
            last = prefix;
        }
        return entities;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    /// <summary>An entity: its type and its first and last word.</summary>
    public readonly record struct Entity(string Type, int Start, int End);
}
