using Attune.Formats;

namespace Attune.Parity.Models;

/// <summary>
/// The keyword arguments of a case's call: the tensors <c>input.*</c>, and plain values under <c>call</c> or <c>arguments</c>. What
/// nobody asks for is an error: a case must not pass because an argument was overlooked.
/// </summary>
internal sealed class CaseArguments
{
    // They say what the reference should return, which the case's outputs say as well.
    private static readonly string[] AboutOutputs = ["output_hidden_states", "output_attentions", "return_dict", "use_cache"];

    private readonly GoldenTensors _tensors;
    private readonly JsonFields _case;
    private readonly JsonFields? _values;
    private readonly HashSet<string> _read;
    private readonly string _prefix = "";

    /// <summary>Looks at the arguments of a case.</summary>
    public CaseArguments(GoldenTensors tensors, JsonFields golden)
    {
        _tensors = tensors;
        _case = golden;
        _read = [];
        _values = golden.ChildOrNull("call") ?? golden.ChildOrNull("arguments");
    }

    private CaseArguments(CaseArguments all, string prefix)
    {
        (_tensors, _case, _values, _read) = (all._tensors, all._case, all._values, all._read);
        _prefix = prefix;
    }

    /// <summary>The arguments of one of several calls, whose names begin with a prefix.</summary>
    public CaseArguments Part(string prefix) => new(this, prefix);

    /// <summary>A tensor argument; null if it is not given.</summary>
    public StoredTensor? Find(string name)
    {
        _read.Add(_prefix + name);
        return _tensors.Find("input." + _prefix + name);
    }

    /// <summary>Whole numbers; null if the argument is not given.</summary>
    public int[]? Ints(string name) => Find(name)?.ToInt32();

    /// <summary>A tensor argument that must be given.</summary>
    /// <exception cref="AttuneFormatException">It is not.</exception>
    public StoredTensor Get(string name) => Find(name) ?? _tensors.Get("input." + _prefix + name);

    /// <summary>The reference's own output of a name; null if the case has none. Only its extents may tell a call what to do.</summary>
    public StoredTensor? Expected(string output) => _tensors.Find("output." + _prefix + output);

    /// <summary>A plain yes or no; <paramref name="fallback"/> if it is not given.</summary>
    public bool Flag(string name, bool fallback)
    {
        _read.Add(name);
        return _values?.Bool(name, fallback) ?? fallback;
    }

    /// <summary>Makes sure that every argument was asked for.</summary>
    /// <exception cref="AttuneFormatException">One was not.</exception>
    public void RequireAllRead()
    {
        string[] unread = [.. _tensors.Names("input.").Concat(_values?.Keys ?? []).Where(name => !_read.Contains(name) && !AboutOutputs.Contains(name))];
        if (unread.Length > 0)
        {
            throw new AttuneFormatException(
                _case.Path, "arguments", string.Join(", ", unread), "arguments that such a model takes", "Attune's call does not know them.");
        }
    }
}
