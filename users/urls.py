"""Routes of users."""

from django.urls import path

from . import staff_views, views

app_name = "users"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("me/", views.preferences, name="preferences"),
    path("me/look/", views.look, name="look"),
    path("styleguide/", views.style_guide, name="styleguide"),
    path("staff/", staff_views.staff, name="staff"),
    path("staff/new/", staff_views.staff_new, name="staff_new"),
    path("staff/<int:user_id>/", staff_views.staff_one, name="staff_one"),
    path("staff/<int:user_id>/switch/", staff_views.staff_switch, name="staff_switch"),
    path("staff/<int:user_id>/password/", staff_views.staff_password, name="staff_password"),
]
