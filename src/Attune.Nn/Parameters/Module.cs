using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Nn.Parameters;

/// <summary>Something with parameters under names: a model or a part of one.</summary>
public interface IModule
{
    /// <summary>
    /// Every parameter of the tree under its path (names joined by dots), in order of registration. A shared parameter comes
    /// under each of its paths.
    /// </summary>
    IEnumerable<NamedParameter> AllPaths();
}

/// <summary>
/// A part of a model that owns parameters and other parts, each registered under a name. Nothing is found by reflection:
/// what is not passed to <c>Own</c> is not in the tree. A part that is registered twice is shared.
/// </summary>
public abstract class Module : IModule
{
    private readonly List<(string Name, Parameter Parameter)> _parameters = [];
    private readonly List<(string Name, IModule Module)> _children = [];

    /// <summary>Registers a parameter.</summary>
    protected Parameter Own(string name, Parameter parameter)
    {
        _parameters.Add((name, parameter));
        return parameter;
    }

    /// <summary>Registers a new parameter.</summary>
    protected Parameter Own(string name, Shape shape, Initializer initializer, ParameterRole role) =>
        Own(name, new Parameter(shape, initializer, role));

    /// <summary>Registers a part.</summary>
    protected T Own<T>(string name, T module)
        where T : IModule
    {
        _children.Add((name, module));
        return module;
    }

    /// <summary>Registers a part in the place of the one that has its name.</summary>
    protected T Replace<T>(string name, T module)
        where T : IModule
    {
        _children[_children.FindIndex(child => child.Name == name)] = (name, module);
        return module;
    }

    /// <summary>Takes a part or a parameter out of the tree, if it is there.</summary>
    protected void Remove(string name)
    {
        _children.RemoveAll(child => child.Name == name);
        _parameters.RemoveAll(parameter => parameter.Name == name);
    }

    /// <summary>
    /// Every parameter of the tree under its path (names joined by dots), in order of registration. A shared parameter comes
    /// once, under its first path.
    /// </summary>
    public IEnumerable<NamedParameter> Parameters()
    {
        HashSet<Parameter> seen = new(ReferenceEqualityComparer.Instance);
        return AllPaths().Where(named => seen.Add(named.Parameter));
    }

    /// <inheritdoc/>
    public IEnumerable<NamedParameter> AllPaths()
    {
        foreach ((string name, Parameter parameter) in _parameters)
            yield return new NamedParameter(name, parameter);
        foreach ((string name, IModule module) in _children)
        {
            foreach (NamedParameter named in module.AllPaths())
                yield return new NamedParameter(name + "." + named.Path, named.Parameter);
        }
    }

    /// <summary>
    /// Gives every parameter that has no value yet one from its initialiser. The value depends on the seed and the
    /// parameter's path alone, so adding a head does not change the body.
    /// </summary>
    public void Initialize(ulong seed)
    {
        var random = new RandomStream(seed).Stream("parameters");
        foreach ((string path, Parameter parameter) in Parameters())
        {
            if (!parameter.HasValue)
                parameter.Initialize(random.Stream(path));
        }
    }

    /// <summary>Sets <see cref="Parameter.Trainable"/> of every parameter but buffers.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach ((_, Parameter parameter) in Parameters())
            parameter.Trainable = trainable && parameter.Role != ParameterRole.Buffer;
    }
}

/// <summary>A parameter and where it is in the tree.</summary>
/// <param name="Path">The names from the root, joined by dots.</param>
/// <param name="Parameter">The parameter.</param>
public readonly record struct NamedParameter(string Path, Parameter Parameter);
