using Attune.Data.Corpora;
using Attune.Data.Labelled;
using Attune.Data.Sampling;
using Attune.Formats;

namespace Attune.Data.SdkDocs;

/// <summary>Which part of the types.</summary>
public enum SdkPart
{
    /// <summary>All types.</summary>
    All,

    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To check with.</summary>
    Validation,
}

/// <summary>
/// Real English text that every .NET developer has: the documentation of the base library in the installed SDK's reference
/// pack. A document is a type with its members; a sentence that stood anywhere before is left out. Types are split into
/// training and validation by a hash of their name, so that nothing of a type is on both sides.
/// </summary>
public sealed class SdkDocumentation
{
    /// <summary>The share of types that validate.</summary>
    public const double ValidationShare = 0.1;

    private const string Format = "sdk-documentation-1";

    // Parts of the library of similar size whose sentences speak of different things.
    private static readonly string[] s_areas =
        ["System.Collections", "System.Data", "System.IO", "System.Net", "System.Reflection", "System.Security", "System.Text", "System.Threading", "System.Xml"];

    private readonly string _fingerprint;

    private SdkDocumentation(IReadOnlyList<string> files, IReadOnlyList<DocumentedType> types)
    {
        Types = types;
        _fingerprint = CorpusFingerprint.Of([Format, .. CorpusFingerprint.Files(files)]);
    }

    /// <summary>The types with at least one sentence, by name.</summary>
    public IReadOnlyList<DocumentedType> Types { get; }

    /// <summary>The areas that sentences are classified into, named by their last part.</summary>
    public static LabelSet Areas { get; } = new(s_areas.Select(area => area["System.".Length..]));

    /// <summary>Finds and reads the documentation of the installed SDK (about a second).</summary>
    /// <exception cref="AttuneFormatException">No SDK with documentation; says so and names <c>--text</c>.</exception>
    public static SdkDocumentation Load() => Load(SdkReferencePack.Find());

    /// <summary>Reads given documentation files.</summary>
    /// <exception cref="AttuneFormatException">A file is missing or not such XML, or none has a sentence.</exception>
    public static SdkDocumentation Load(IReadOnlyList<string> xmlFiles)
    {
        List<(string Member, List<string> Sentences)>[] files;
        try
        {
            files = [.. xmlFiles.AsParallel().AsOrdered().Select(XmlDocumentation.Read)];
        }
        catch (AggregateException e) when (e.InnerException is AttuneFormatException inner)
        {
            throw inner;
        }
        DocumentedType[] types = Group(files.SelectMany(file => file));
        return types.Length > 0
            ? new SdkDocumentation(xmlFiles, types)
            : throw new AttuneFormatException("The documentation files hold no sentences. Give text of your own with --text FILE_OR_FOLDER.");
    }

    /// <summary>Which side a type is on.</summary>
    public static SdkPart PartOf(DocumentedType type) =>
        StableHash.Fraction(type.Name) < ValidationShare ? SdkPart.Validation : SdkPart.Train;

    /// <summary>The types of a part.</summary>
    public IEnumerable<DocumentedType> TypesOf(SdkPart part) => part == SdkPart.All ? Types : Types.Where(type => PartOf(type) == part);

    /// <summary>A part as a corpus, a document for each type.</summary>
    public ITextCorpus Corpus(SdkPart part) => new PartCorpus(this, part);

    /// <summary>
    /// Sentences of a part with the area of the library that they document, as many of each area (the least that one has), in an
    /// order that is mixed but always the same.
    /// </summary>
    /// <param name="part">Which types.</param>
    /// <param name="maxPerArea">At most so many of each area.</param>
    public LabelledSet AreaSentences(SdkPart part, int maxPerArea = int.MaxValue)
    {
        List<LabelledText>[] byArea = [.. s_areas.Select(_ => new List<LabelledText>())];
        foreach (DocumentedType type in TypesOf(part))
        {
            int area = AreaOf(type.Namespace);
            if (area >= 0) byArea[area].AddRange(type.Sentences.Select(sentence => new LabelledText(sentence, null, area, 0, type.Name)));
        }
        int count = Math.Min(maxPerArea, byArea.Min(rows => rows.Count));
        IEnumerable<LabelledText> chosen = byArea.SelectMany(rows => Mixed(rows).Take(count));
        return new LabelledSet([.. Mixed(chosen)], Areas);
    }

    /// <summary>The number of the area a namespace belongs to; -1 if to none.</summary>
    internal static int AreaOf(string name) => Array.FindIndex(s_areas, area =>
        name.StartsWith(area, StringComparison.Ordinal) && (name.Length == area.Length || name[area.Length] == '.'));

    // Sentences are different from each other, so their hashes order them.
    private static IEnumerable<LabelledText> Mixed(IEnumerable<LabelledText> rows) => rows.OrderBy(row => StableHash.Of(row.Text)).ThenBy(row => row.Text, StringComparer.Ordinal);

    private static DocumentedType[] Group(IEnumerable<(string Member, List<string> Sentences)> members)
    {
        (string Member, List<string> Sentences)[] all = [.. members];
        HashSet<string> typeNames = [.. all.Where(member => member.Member.StartsWith("T:", StringComparison.Ordinal)).Select(member => member.Member[2..])];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Dictionary<string, List<string>> types = new(StringComparer.Ordinal);
        foreach ((string member, List<string> sentences) in all)
        {
            string type = OutermostType(member, typeNames);
            foreach (string sentence in sentences)
            {
                if (!seen.Add(sentence)) continue;
                if (!types.TryGetValue(type, out List<string>? list)) types.Add(type, list = []);
                list.Add(sentence);
            }
        }
        return [.. types.OrderBy(type => type.Key, StringComparer.Ordinal).Select(type => new DocumentedType(type.Key, NamespaceOf(type.Key), type.Value))];
    }

    /// <summary>The type that a member belongs to; of nested types the outermost, so that a split does not divide them.</summary>
    internal static string OutermostType(string member, IReadOnlySet<string> typeNames)
    {
        int parameters = member.IndexOf('(', 2);
        string name = parameters >= 0 ? member[2..parameters] : member[2..];
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (typeNames.Contains(name[..dot])) return name[..dot];
        }
        return member[0] == 'T' || typeNames.Contains(name) ? name : NamespaceOf(name);
    }

    private static string NamespaceOf(string name) => name.LastIndexOf('.') is > 0 and int dot ? name[..dot] : "";

    private sealed class PartCorpus(SdkDocumentation documentation, SdkPart part) : ITextCorpus
    {
        public string Name => $".NET documentation ({part})";

        public string Fingerprint { get; } = CorpusFingerprint.Of(documentation._fingerprint, part.ToString());

        public IEnumerable<TextDocument> Documents() => documentation.TypesOf(part).Select(type => new TextDocument(type.Name, type.Sentences));
    }
}
