"""Routes of users."""

from django.urls import path

from . import factor_views, staff_views, views

app_name = "users"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="login"),
    path("login/code/", factor_views.login_code, name="login_code"),
    path("logout/", views.sign_out, name="logout"),
    path("me/", views.preferences, name="preferences"),
    path("me/security/", factor_views.factor, name="security"),
    path("me/look/", views.look, name="look"),
    path("styleguide/", views.style_guide, name="styleguide"),
    path("staff/", staff_views.staff, name="staff"),
    path("staff/new/", staff_views.staff_new, name="staff_new"),
    path("staff/sign-in/", factor_views.sign_in_rules, name="sign_in_rules"),
    path("staff/<int:user_id>/second-step/", factor_views.factor_reset, name="factor_reset"),
    path("staff/<int:user_id>/", staff_views.staff_one, name="staff_one"),
    path("staff/<int:user_id>/switch/", staff_views.staff_switch, name="staff_switch"),
    path("staff/<int:user_id>/password/", staff_views.staff_password, name="staff_password"),
]
