using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Recipes;

/// <summary>
/// One mapping of a recipe, read key by key with checks. Keys that nobody has read when <see cref="Finish"/> is called are
/// errors, so that a misspelt setting never silently keeps its default.
/// </summary>
public sealed class RecipeFields
{
    private readonly YamlMappingNode _node;
    private readonly string _file;
    private readonly string _prefix;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly List<RecipeFields> _children = [];

    internal RecipeFields(YamlMappingNode node, string file, string prefix)
    {
        _node = node;
        _file = file;
        _prefix = prefix;
    }

    /// <summary>The file it comes from.</summary>
    public string File => _file;

    /// <summary>The keys, in order.</summary>
    public IEnumerable<string> Keys => _node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    internal YamlMappingNode Node => _node;

    /// <summary>The paths that were asked for, here and below, by the whole names of their keys.</summary>
    internal IEnumerable<(string Key, string Path)> Paths =>
        _paths.Select(path => (_prefix + path.Key, path.Value)).Concat(_children.SelectMany(child => child.Paths)).Distinct();

    /// <summary>The whole mapping as YAML, with what overrides have changed.</summary>
    public string Source
    {
        get
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            new YamlStream(new YamlDocument(_node)).Save(text, assignAnchors: false);
            return text.ToString();
        }
    }

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether a key holds further keys.</summary>
    public bool IsMapping(string key) => Find(key) is YamlMappingNode;

    /// <summary>A text that must be there.</summary>
    public string Text(string key) => TextOrNull(key) ?? throw Missing(key, "a text");

    /// <summary>A text.</summary>
    public string Text(string key, string fallback) => TextOrNull(key) ?? fallback;

    /// <summary>A text that may be absent.</summary>
    public string? TextOrNull(string key) => Scalar(key);

    /// <summary>A path that must be there, relative to the recipe's own folder.</summary>
    public string PathOf(string key) => PathOrNull(key) ?? throw Missing(key, "a path");

    /// <summary>A path that may be absent, relative to the recipe's own folder.</summary>
    public string? PathOrNull(string key)
    {
        if (Scalar(key) is not { } path)
            return null;
        return _paths[key] = Path.GetFullPath(Environment.ExpandEnvironmentVariables(path), Path.GetDirectoryName(Path.GetFullPath(_file))!);
    }

    /// <summary>A whole number of at least <paramref name="minimum"/> that must be there.</summary>
    public long Whole(string key, long minimum = 1) => WholeOrNull(key, minimum) ?? throw Missing(key, "a whole number");

    /// <summary>A whole number of at least <paramref name="minimum"/>.</summary>
    public long Whole(string key, long fallback, long minimum) => WholeOrNull(key, minimum) ?? fallback;

    /// <summary>A whole number of at least <paramref name="minimum"/> that may be absent.</summary>
    public long? WholeOrNull(string key, long minimum = 1)
    {
        if (Scalar(key) is not { } text)
            return null;
        string plain = text.Replace("_", "", StringComparison.Ordinal);
        return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= minimum
            ? value
            : throw Wrong(key, text, $"a whole number of at least {minimum}");
    }

    /// <summary>A whole number that fits 32 bits.</summary>
    public int Count(string key, int fallback, int minimum = 1) => (int)Math.Min(int.MaxValue, Whole(key, fallback, minimum));

    /// <summary>A whole number that fits 32 bits and may be absent.</summary>
    internal int? CountOrNull(string key, int minimum = 1) => WholeOrNull(key, minimum) is { } value ? (int)Math.Min(int.MaxValue, value) : null;

    /// <summary>A number between two bounds.</summary>
    public double Number(string key, double fallback, double minimum = double.MinValue, double maximum = double.MaxValue) =>
        NumberOrNull(key, minimum, maximum) ?? fallback;

    /// <summary>A number between two bounds that may be absent.</summary>
    public double? NumberOrNull(string key, double minimum = double.MinValue, double maximum = double.MaxValue)
    {
        if (Scalar(key) is not { } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= minimum && value <= maximum
            ? value
            : throw Wrong(key, text, Bounds(minimum, maximum));
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback) => Scalar(key) switch
    {
        null => fallback,
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        var text => throw Wrong(key, text, "true or false"),
    };

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<double>? NumbersOrNull(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is not YamlSequenceNode list)
            throw Wrong(key, Describe(node), "a list of numbers");
        return [.. list.Select(item => item is YamlScalarNode { Value: { } text }
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Wrong(key, Describe(item), "numbers"))];
    }

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string>? TextsOrNull(string key)
    {
        if (Find(key) is not { } node)
            return null;
        if (node is YamlScalarNode { Value: { } single })
            return [single];
        if (node is not YamlSequenceNode list)
            throw Wrong(key, Describe(node), "a list of texts");
        return [.. list.Select(item => item is YamlScalarNode { Value: { } text } ? text : throw Wrong(key, Describe(item), "texts"))];
    }

    /// <summary>A mapping that must be there. A bare text is read as <c>name: text</c>.</summary>
    public RecipeFields Child(string key) => ChildOrNull(key) ?? throw Missing(key, "a mapping");

    /// <summary>A mapping that may be absent. A bare text is read as <c>name: text</c>.</summary>
    public RecipeFields? ChildOrNull(string key)
    {
        YamlMappingNode mapping;
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMappingNode node:
                mapping = node;
                break;
            case YamlScalarNode { Value: { } name }:
                mapping = new YamlMappingNode { { "name", name } };
                break;
            case var other:
                throw Wrong(key, Describe(other), "a mapping");
        }
        var child = new RecipeFields(mapping, _file, _prefix + key + ".");
        _children.Add(child);
        return child;
    }

    /// <summary>A mapping whose keys all have defaults, so that it may be absent.</summary>
    internal RecipeFields ChildOrEmpty(string key)
    {
        if (ChildOrNull(key) is { } given)
            return given;
        var empty = new RecipeFields([], _file, _prefix + key + ".");
        _children.Add(empty);
        return empty;
    }

    /// <summary>Takes all keys as read: somebody else checks them.</summary>
    public void TakeAll() => _read.UnionWith(Keys);

    /// <summary>Checks that every key was read, here and below.</summary>
    /// <exception cref="RecipeException">A key is not known; the nearest known one is named.</exception>
    public void Finish()
    {
        foreach (YamlScalarNode key in _node.Children.Keys.OfType<YamlScalarNode>())
        {
            string name = key.Value ?? "";
            if (_read.Contains(name))
                continue;
            string nearest = Nearest.Of(name, _read) is { } known ? $" Did you mean '{known}'?" : "";
            string all = _read.Count > 0 ? $" Known here: {string.Join(", ", _read.Order(StringComparer.Ordinal))}." : "";
            throw new RecipeException($"{_file}, line {key.Start.Line}: unknown key '{_prefix}{name}'.{nearest}{all}");
        }
        foreach (RecipeFields child in _children)
            child.Finish();
    }

    /// <summary>An error about the value of a key.</summary>
    public RecipeException Wrong(string key, string found, string expected) =>
        new($"{_file}{Line(key)}: '{_prefix}{key}' is {found}; expected {expected}.");

    private RecipeException Missing(string key, string expected) =>
        new($"{_file}{LineOf(_node.Start)}: '{_prefix}{key}' is missing; expected {expected}.");

    private YamlNode? Find(string key)
    {
        _read.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) && node is not YamlScalarNode { Value: null or "" or "null" or "~", Style: ScalarStyle.Plain }
            ? node
            : null;
    }

    private string? Scalar(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Wrong(key, Describe(other), "a single value"),
    };

    private string Line(string key) =>
        _node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) ? LineOf(node.Start) : "";

    private static string LineOf(Mark mark) => mark.Line > 0 ? $", line {mark.Line}" : "";

    private static string Describe(YamlNode node) => node switch
    {
        YamlScalarNode scalar => $"'{scalar.Value}'",
        YamlSequenceNode => "a list",
        _ => "a mapping",
    };

    private static string Bounds(double minimum, double maximum) => (minimum, maximum) switch
    {
        (double.MinValue, double.MaxValue) => "a number",
        (_, double.MaxValue) => FormattableString.Invariant($"a number of at least {minimum}"),
        (double.MinValue, _) => FormattableString.Invariant($"a number of at most {maximum}"),
        _ => FormattableString.Invariant($"a number from {minimum} to {maximum}"),
    };
}
