using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Attune.Tests.Architecture;

/// <summary>The public names of a library, a line each: types with what they derive from, members with their signatures.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    /// <summary>The lines of a library, in an order that does not depend on that of the source.</summary>
    public static string[] Of(Assembly library) =>
    [
        .. library.GetExportedTypes().Where(type => !type.Name.Contains('<', StringComparison.Ordinal))
            .SelectMany(type => Members(type).Prepend(Declaration(type))).Distinct().Order(StringComparer.Ordinal),
    ];

    private static string Declaration(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        Type? parent = type.BaseType;
        bool plain = parent is null || parent == typeof(object) || parent == typeof(ValueType) || parent == typeof(Enum) || type.IsSubclassOf(typeof(Delegate));
        string[] bases = [.. plain ? [] : (string[])[Name(parent!)], .. type.GetInterfaces().Where(i => i.IsVisible).Select(Name).Order(StringComparer.Ordinal)];
        return $"{FullName(type)}: {kind}{(bases.Length == 0 ? "" : " " + string.Join(", ", bases))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        string owner = FullName(type);
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(value => $"{owner}.{value.Name} = {Convert.ToInt64(value.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
        return type.GetMembers(Declared).Select(member => Member(member) is { } text ? $"{owner}.{text}" : null).OfType<string>();
    }

    private static string? Member(MemberInfo member)
    {
        var nullability = new NullabilityInfoContext();
        switch (member)
        {
            case FieldInfo field when Visible(field.IsPublic, field.IsFamily, field.IsFamilyOrAssembly) && !Generated(field):
                return $"{field.Name}: {(field.IsStatic ? "static " : "")}{Name(field.FieldType, nullability.Create(field))}";
            case ConstructorInfo constructor when Visible(constructor) && !constructor.IsStatic:
                return $"new({Parameters(constructor, nullability)})";
            case PropertyInfo property when property.GetAccessors(nonPublic: true).Any(Visible) && property.Name != "EqualityContract":
                return Property(property, nullability);
            case EventInfo { AddMethod: { } add } added when Visible(add):
                return $"{added.Name}: event {Name(added.EventHandlerType!)}";
            case MethodInfo method when Visible(method) && !Generated(method) && !IsAccessor(method) && !method.Name.Contains('<', StringComparison.Ordinal):
                string arguments = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
                return $"{method.Name}{arguments}({Parameters(method, nullability)}): {(method.IsStatic ? "static " : "")}{Name(method.ReturnType, nullability.Create(method.ReturnParameter))}";
            default:
                return null;
        }
    }

    private static string Property(PropertyInfo property, NullabilityInfoContext nullability)
    {
        ParameterInfo[] indices = property.GetIndexParameters();
        string index = indices.Length == 0 ? "" : $"[{string.Join(", ", indices.Select(p => Name(p.ParameterType)))}]";
        string get = property.GetMethod is { } getter && Visible(getter) ? " get;" : "";
        string set = property.SetMethod is { } setter && Visible(setter) ? IsInit(setter) ? " init;" : " set;" : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string still = property.GetAccessors(nonPublic: true)[0].IsStatic ? "static " : "";
        return $"{property.Name}{index}: {still}{required}{Name(property.PropertyType, nullability.Create(property))} {{{get}{set} }}";
    }

    private static string Parameters(MethodBase method, NullabilityInfoContext nullability) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string by = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
            _ => "",
        };
        string fallback = parameter.HasDefaultValue ? " = " + Default(parameter.RawDefaultValue) : "";
        return $"{by}{Name(parameter.ParameterType, nullability.Create(parameter))} {parameter.Name}{fallback}";
    }));

    private static string Default(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type) => Name(type, null);

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, nullability);
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword + mark;
        if (!type.IsGenericType)
            return (type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "") + type.Name + mark;
        NullabilityInfo[]? inner = nullability?.GenericTypeArguments;
        Type[] own = type.GetGenericArguments();
        IEnumerable<string> arguments = own.Select((argument, i) => Name(argument, inner?.Length == own.Length ? inner[i] : null));
        return $"{type.Name.Split('`')[0]}<{string.Join(", ", arguments)}>{mark}";
    }

    private static string FullName(Type type) => $"{type.Namespace}.{(type.IsNested ? Name(type.DeclaringType!) + "." : "")}{(type.IsNested && !type.IsGenericType ? type.Name : Name(type))}";

    private static bool Generated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool Visible(MethodBase method) => Visible(method.IsPublic, method.IsFamily, method.IsFamilyOrAssembly);

    private static bool Visible(bool isPublic, bool isFamily, bool isFamilyOrAssembly) => isPublic || isFamily || isFamilyOrAssembly;
}
