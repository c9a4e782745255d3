using System.Text.RegularExpressions;

namespace Attune.Nn.Parameters;

/// <summary>
/// How the parameters of a family are called in its files: rules from paths of the tree to published names. In a rule,
/// <c>{n}</c>, <c>{m}</c> ... stand for whole numbers, a part in parentheses may be absent, and a trailing <c>*</c> for the rest of the path; the first rule that
/// fits is used.
/// </summary>
public sealed class ParameterNames
{
    private readonly List<(Regex Path, string Name)> _rules = [];

    /// <summary>Adds a rule, as in <c>["layers.{n}.mixer.query.*"] = "encoder.layer.{n}.attention.self.query.*"</c>.</summary>
    public string this[string path]
    {
        set => _rules.Add((Pattern(path), value));
    }

    /// <summary>The published name of a path.</summary>
    /// <exception cref="InvalidOperationException">No rule fits: the family's page lacks one.</exception>
    public string NameOf(string path)
    {
        foreach ((Regex pattern, string name) in _rules)
        {
            Match match = pattern.Match(path);
            if (!match.Success)
                continue;
            string result = name;
            foreach (Group group in match.Groups.Values.Skip(1))
                result = result.Replace(group.Name == "rest" ? "*" : "{" + group.Name + "}", group.Value, StringComparison.Ordinal);
            return result;
        }
        throw new InvalidOperationException($"No rule names the parameter '{path}'; add one to the family's parameter names.");
    }

    private static Regex Pattern(string path)
    {
        string pattern = Regex.Escape(path);
        pattern = Regex.Replace(pattern, @"\\\{(\w)}", @"(?<$1>\d+)");
        pattern = Regex.Replace(pattern, @"\\\((.*?)\\\)", "(?:$1)?");
        pattern = Regex.Replace(pattern, @"\\\*$", "(?<rest>.*)");
        return new Regex("^" + pattern + "$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
    }
}
